import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sh, temporaryFolder, testEngine } from '../engine.ts';

describe('an exit code of 127', () => {
  it('is told from a program that does not exist', async () => {
    const engine = await testEngine();
    const result = await engine.run({ command: sh('exit 127') });
    expect(result).toMatchObject({ exit_code: 127, error: { code: 'NONZERO_EXIT' } });
  });
});

describe('scripts', () => {
  it('of 100 at once all run, and leave no file behind', async () => {
    const engine = await testEngine();
    const folder = await temporaryFolder();
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        engine.run({
          command: {
            type: 'script',
            content: 'echo "$0 $1"',
            args: [String(index)],
            interpreter: 'sh',
          },
          env: { HOME: folder },
        }),
      ),
    );
    expect(results.map((result) => result.stdout.trim().split(' ')[1])).toEqual(
      Array.from({ length: 100 }, (_, index) => String(index)),
    );
    expect(results.filter((result) => existsSync(result.stdout.split(' ')[0] ?? ''))).toEqual([]);
  });

  it('run in python and from a file', async () => {
    const engine = await testEngine();
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'job.sh'), 'echo "$1 from $(pwd)"');
    const [python, file] = await Promise.all([
      engine.run({ command: { type: 'script', interpreter: 'python', content: 'print(6 * 7)' } }),
      engine.run({
        command: { type: 'script', path: 'job.sh', args: ['hello'] },
        working_dir: folder,
      }),
    ]);
    expect(python.stdout).toBe('42\n');
    expect(file.stdout).toBe(`hello from ${folder}\n`);
  });
});

describe('environment', () => {
  it('is inherited or not, as asked', async () => {
    const engine = await testEngine();
    process.env.ENGINE_TEST_INHERITED = 'yes';
    const show = sh('echo "${ENGINE_TEST_INHERITED-no} $OWN"');
    expect((await engine.run({ command: show, env: { OWN: '1' } })).stdout).toBe('yes 1\n');
    const bare = await engine.run({ command: show, env: { OWN: '1' }, inherit_env: false });
    expect(bare.stdout).toBe('no 1\n');
    delete process.env.ENGINE_TEST_INHERITED;
  });
});
