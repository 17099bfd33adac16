import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExecutionRequest } from '../../src/index.ts';
import { allEvents, sh, temporaryFolder, testEngine } from '../engine.ts';

const exec = (program: string, ...args: string[]): ExecutionRequest => ({
  command: { type: 'exec', program, args },
});

describe('what cannot be started is a result with a code, a log and one event', () => {
  const cases: [
    string,
    (folder: string) => Promise<ExecutionRequest> | ExecutionRequest,
    string,
    RegExp,
  ][] = [
    ['a missing program', () => exec('no-such-program'), 'SPAWN_FAILED', /ENOENT/u],
    ['a missing path', (folder) => exec(join(folder, 'none')), 'SPAWN_FAILED', /ENOENT/u],
    ['a directory', (folder) => exec(folder), 'SPAWN_FAILED', /EACCES/u],
    [
      'a file that is not executable',
      async (folder) => {
        await writeFile(join(folder, 'plain'), 'echo hi');
        return exec(join(folder, 'plain'));
      },
      'SPAWN_FAILED',
      /EACCES/u,
    ],
    [
      'an interpreter that is not there',
      async (folder) => {
        await writeFile(join(folder, 'bad'), '#!/nonexistent/interpreter\n');
        await chmod(join(folder, 'bad'), 0o755);
        return exec(join(folder, 'bad'));
      },
      'SPAWN_FAILED',
      /ENOENT/u,
    ],
    [
      'a link to itself',
      async (folder) => {
        await symlink(join(folder, 'loop'), join(folder, 'loop'));
        return exec(join(folder, 'loop'));
      },
      'SPAWN_FAILED',
      /ELOOP/u,
    ],
    ['a name that is too long', () => exec('x'.repeat(5000)), 'SPAWN_FAILED', /ENAMETOOLONG/u],
    [
      'an argument that is too long',
      () => exec('true', 'x'.repeat(200_000)),
      'SPAWN_FAILED',
      /E2BIG/u,
    ],
    [
      'too many arguments',
      () => exec('true', ...Array.from({ length: 100_000 }, () => 'x'.repeat(100))),
      'SPAWN_FAILED',
      /E2BIG/u,
    ],
    [
      'a variable that is too long',
      () => ({ ...exec('true'), env: { LARGE: 'x'.repeat(1_000_000) } }),
      'SPAWN_FAILED',
      /E2BIG/u,
    ],
    [
      'a missing working directory',
      () => ({ ...exec('true'), working_dir: '/no/such' }),
      'BAD_WORKING_DIR',
      /ENOENT/u,
    ],
    [
      'a file as working directory',
      () => ({ ...exec('true'), working_dir: '/etc/passwd' }),
      'BAD_WORKING_DIR',
      /not a directory/u,
    ],
    [
      'a working directory with NUL',
      () => ({ ...exec('true'), working_dir: '/a\0b' }),
      'BAD_WORKING_DIR',
      /null bytes/u,
    ],
    [
      'a variable with NUL',
      () => ({ ...exec('true'), env: { A: 'x\0y' } }),
      'BAD_ENVIRONMENT',
      /NUL/u,
    ],
    [
      'a name with an equals sign',
      () => ({ ...exec('true'), env: { 'A=B': 'x' } }),
      'BAD_ENVIRONMENT',
      /"="/u,
    ],
    [
      'a name with NUL',
      () => ({ ...exec('true'), env: { 'A\0B': 'x' } }),
      'BAD_ENVIRONMENT',
      /NUL/u,
    ],
    ['an empty name', () => ({ ...exec('true'), env: { '': 'x' } }), 'BAD_ENVIRONMENT', /empty/u],
    [
      'a missing script',
      () => ({ command: { type: 'script', path: '/no/such' } }),
      'SPAWN_FAILED',
      /ENOENT/u,
    ],
    [
      'a directory as script',
      (folder) => ({ command: { type: 'script', path: folder } }),
      'SPAWN_FAILED',
      /directory/u,
    ],
    [
      'an unknown interpreter',
      () => ({ command: { type: 'script', content: 'x', interpreter: 'no-such' } }),
      'SPAWN_FAILED',
      /ENOENT/u,
    ],
  ];

  it('whatever the reason', async () => {
    const engine = await testEngine();
    const seen = await Promise.all(
      cases.map(async ([name, make, , message]) => {
        const request = await make(await temporaryFolder());
        const result = await engine.run({ ...request, retry: { max_attempts: 3 } });
        const { status, exit_code, signal, attempts, error, log_path } = result;
        const events = (await allEvents(engine, result.id)).map((event) => event.type);
        const said = message.test(error?.message ?? '') ? 'as expected' : error?.message;
        const hasLog = existsSync(log_path ?? '');
        return [name, error?.code, said, { status, exit_code, signal, attempts, events, hasLog }];
      }),
    );
    const never = { status: 'failed', exit_code: null, signal: null, attempts: 1 };
    expect(seen).toEqual(
      cases.map(([name, , code]) => [
        name,
        code,
        'as expected',
        { ...never, events: ['failed'], hasLog: true },
      ]),
    );
    expect((await engine.run(exec('true'))).status).toBe('completed');
  });

  it('a variable of a megabyte in many parts is passed on', async () => {
    const engine = await testEngine();
    const env = Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [`PART_${at}`, 'x'.repeat(50_000)]),
    );
    const result = await engine.run({
      ...exec('env'),
      env,
      inherit_env: false,
      max_capture_bytes: 2_000_000,
    });
    expect(result.stdout.length).toBeGreaterThan(1_000_000);
  });
});

describe('a host that may open few files', () => {
  it.each([40, 64])(
    'of %d runs what it can, fails the rest with a code, and loses nothing',
    async (limit) => {
      const outer = await testEngine();
      const folder = await temporaryFolder();
      await mkdir(join(folder, 'out'));
      const code = `
      import { ExecutionEngine } from "cloudops-execution-engine";
      const engine = new ExecutionEngine({ logDir: ${JSON.stringify(join(folder, 'logs'))}, maxConcurrent: 100 });
      const line = (at) => "echo " + at + "; sleep 0.5";
      const results = await Promise.all(Array.from({ length: 50 }, (_, at) => engine.run({ command: { type: "shell", command: line(at) } })));
      const codes = {};
      for (const [at, { status, error, stdout }] of results.entries()) {
        const outcome = status === "completed" ? (stdout === at + "\\n" ? "right" : "wrong") : error.code;
        codes[outcome] = (codes[outcome] ?? 0) + 1;
      }
      const after = await engine.run({ command: { type: "shell", command: "echo again" } });
      console.log(JSON.stringify({ codes, after: after.stdout, error: after.error }));
      await engine.close();`;
      await writeFile(join(folder, 'code.mjs'), code);
      const result = await outer.run({
        command: sh(
          `ulimit -n ${limit}; exec '${process.execPath}' --conditions=cloudops-source --input-type=module`,
        ),
        stdin: await readFile(join(folder, 'code.mjs'), 'utf8'),
        working_dir: join(import.meta.dirname, '..', '..'),
        timeout_ms: 50_000,
      });
      expect(result).toMatchObject({ status: 'completed', stderr: '' });
      const said = JSON.parse(result.stdout);
      expect(said).toMatchObject({ after: 'again\n', error: null });
      const codes = Object.keys(said.codes);
      expect(
        codes.filter((one) => !['right', 'SPAWN_FAILED', 'LOG_WRITE_FAILED'].includes(one)),
      ).toEqual([]);
    },
  );
});
