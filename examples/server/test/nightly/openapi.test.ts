import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServer, RulePlanner } from '../../src/index.ts';

const run = promisify(execFile);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-schemathesis-'));
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin/pip'), ['install', '--quiet', 'schemathesis==4.32.5']);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('answers whatever schemathesis makes of its OpenAPI document as that document says', async () => {
  await using server = await createServer({ planner: new RulePlanner(), token: 'a-test-token' });
  // A key that came with another body before is refused, which no schema can say.
  const options =
    '--exclude-checks positive_data_acceptance --phases coverage,fuzzing --max-examples 200 --no-color';
  const authorization = ['--header', 'Authorization: Bearer a-test-token'];
  const said = await run(
    join(folder, 'bin/schemathesis'),
    ['run', `${server.url}/openapi.json`, ...authorization, ...options.split(' ')],
    { cwd: folder, maxBuffer: 64 * 1024 * 1024 },
  ).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; message: string }) => error.stdout ?? error.message,
  );
  expect(said).toContain('No issues found');
});
