import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExecutionRequest } from '../../src/index.ts';
import { allEvents, sh, temporaryFolder, testEngine } from '../engine.ts';

describe('what cannot be started', () => {
  it.each([
    ['a program that does not exist', { program: 'no-such-program' }, 'ENOENT'],
    ['a directory', { program: '/tmp' }, 'EACCES'],
    ['a file that is not executable', { program: '/etc/passwd' }, 'EACCES'],
  ])('is a result: %s', async (_name, { program }, errno) => {
    const engine = await testEngine();
    const result = await engine.run({ command: { type: 'exec', program } });
    expect(result).toMatchObject({
      status: 'failed',
      exit_code: null,
      error: { code: 'SPAWN_FAILED' },
    });
    expect(result.error?.message).toContain(errno);
    expect(existsSync(result.log_path ?? '')).toBe(true);
    expect((await allEvents(engine, result.id)).map((event) => event.type)).toEqual(['failed']);
  });

  it('is told from a command that exits with 127', async () => {
    const engine = await testEngine();
    const result = await engine.run({ command: sh('exit 127') });
    expect(result).toMatchObject({ exit_code: 127, error: { code: 'NONZERO_EXIT' } });
  });

  it('has codes of its own for working directory, environment and interpreter', async () => {
    const engine = await testEngine();
    const folder = await temporaryFolder();
    const script = join(folder, 'bad');
    await writeFile(script, '#!/no/such/interpreter\n');
    await chmod(script, 0o755);
    const requests: ExecutionRequest[] = [
      { command: sh('true'), working_dir: '/no/such/folder' },
      { command: sh('true'), working_dir: '/etc/passwd' },
      { command: sh('true'), env: { 'A=B': 'x' } },
      { command: sh('true'), env: { A: 'x\0y' } },
      { command: { type: 'exec', program: script } },
      { command: { type: 'script', path: '/no/such/script' } },
    ];
    const results = await Promise.all(requests.map((request) => engine.run(request)));
    const codes = results.map((result) => result.error?.code);
    expect(results.every((result) => existsSync(result.log_path ?? ''))).toBe(true);
    expect(codes).toEqual([
      'BAD_WORKING_DIR',
      'BAD_WORKING_DIR',
      'BAD_ENVIRONMENT',
      'BAD_ENVIRONMENT',
      'SPAWN_FAILED',
      'SPAWN_FAILED',
    ]);
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
