import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineOptions, ExecutionEngine } from '../../src/index.ts';
import { findByCookie } from '../../src/process/cookie.ts';
import { eventually, testEngine, temporaryFolder } from '../engine.ts';
import { memoryHolds, parentOf, sizesOf, warmServer, warmServers } from '../warm-server.ts';
import { act, cliProgram, warmUp, wasWarm, writeAwsProgram } from '../warm.ts';

const cli = await cliProgram();
const title = typeof cli === 'string' ? `(left out: ${cli})` : '';

let folder: string;
let binary: string;
let logDir: string;

beforeEach(async () => {
  if (typeof cli === 'string') return;
  folder = await temporaryFolder();
  logDir = join(folder, 'logs');
  binary = await writeAwsProgram(folder);
});

const nothing = act('exit', '0');

/** An engine that runs the tests' program, warm. */
async function warmEngine(more: EngineOptions = {}): Promise<ExecutionEngine> {
  const awsCli = { binary, env: { HOME: folder } };
  const engine = await testEngine({ logDir, maxConcurrent: 8, ...more, awsCli });
  await warmUp(engine, nothing);
  return engine;
}

async function linesIn(path: string): Promise<number> {
  return (await readFile(path, 'utf8')).split('\n').length - 1;
}

describe.skipIf(typeof cli === 'string')(`the server behind the warm AWS CLI ${title}`, () => {
  it('costs the calls that run when it is killed, runs none twice, and is replaced', async () => {
    const engine = await warmEngine();
    const counted = join(folder, 'counted');
    const ids = await Promise.all(
      [1, 2, 3, 4].map(() => engine.execute(act('count', counted, '100'))),
    );
    await eventually(() => findByCookie(new Set(ids)).length === 4);
    process.kill(await warmServer(logDir), 'SIGKILL');
    for (const id of ids) {
      const expected = { status: 'failed', exit_code: null, error: { code: 'INTERRUPTED' } };
      expect(await engine.getResult(id)).toMatchObject(expected);
    }
    expect(findByCookie(new Set(ids))).toEqual([]);
    expect(await engine.run(nothing)).toMatchObject({ status: 'completed' });
    await warmUp(engine, nothing);
    expect(await linesIn(counted)).toBeLessThanOrEqual(4);
  });

  it('runs no call twice, however often it is killed', async () => {
    const engine = await warmEngine();
    const counted = join(folder, 'counted');
    const kill = async () => process.kill(await warmServer(logDir), 'SIGKILL');
    const killer = setInterval(() => void kill().catch(() => {}), 400);
    const results = await Promise.all(
      Array.from({ length: 40 }, () => engine.run(act('count', counted, '0.05'))),
    );
    clearInterval(killer);
    const completed = results.filter(({ status }) => status === 'completed').length;
    const others = results.flatMap(({ error }) => error?.code ?? []);
    expect(others).toEqual(others.map(() => 'INTERRUPTED'));
    // One that was interrupted may have got so far or not.
    expect(await linesIn(counted)).toBeGreaterThanOrEqual(completed);
    expect(await linesIn(counted)).toBeLessThanOrEqual(40);
  });

  it.each([
    ['four to a core where nobody has said how many', undefined, 4 * availableParallelism()],
    ['as many as processes where somebody has', 3, 3],
  ])('runs %s', async (_, maxConcurrent, most) => {
    const engine = await warmEngine({ maxConcurrent });
    const ids = await Promise.all(
      Array.from({ length: most + 2 }, () => engine.execute(act('sleep'))),
    );
    await eventually(() => findByCookie(new Set(ids)).length === most);
    expect(engine.metrics()).toMatchObject({ running: most, queued: 2 });
    await engine.close({ mode: 'kill' });
  });

  it('holds up nobody where it stands still', async () => {
    const engine = await warmEngine();
    const counted = join(folder, 'counted');
    const server = await warmServer(logDir);
    process.kill(server, 'SIGSTOP');
    const results = await Promise.all([0, 1, 2].map(() => engine.run(act('count', counted, '0'))));
    expect(results.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    process.kill(server, 'SIGCONT');
    await warmUp(engine, nothing);
    expect(await linesIn(counted)).toBe(3);
  });

  it('ends with its keeper, also where that is killed, and with it what it has forked', async () => {
    const engine = await warmEngine();
    const id = await engine.execute(act('sleep'));
    await eventually(() => findByCookie(new Set([id])).length === 1);
    process.kill(await parentOf(await warmServer(logDir)), 'SIGKILL');
    expect(await engine.getResult(id)).toMatchObject({ error: { code: 'INTERRUPTED' } });
    await expect.poll(() => warmServers(logDir), { timeout: 10_000 }).toEqual([]);
    expect(await engine.run(nothing)).toMatchObject({ status: 'completed' });
  });

  it('ends with its engine, and so does all that it has forked', async () => {
    const engine = await warmEngine();
    const { id } = await engine.run(act('leave-one'), { check: true });
    const running = await engine.execute(act('sleep'));
    await engine.close({ mode: 'kill' });
    expect(await engine.getStatus(running)).toBe('cancelled');
    expect(findByCookie(new Set([id, running]))).toEqual([]);
    expect(await warmServers(logDir)).toEqual([]);
  });

  it('gives way to a new one as soon as the program changes', async () => {
    const engine = await warmEngine();
    const text = await readFile(binary, 'utf8');
    await writeFile(binary, text.replace('mask = os', 'print("new")\n    mask = os'));
    expect((await engine.run(act('tell'))).stdout).toMatch(/^new\n/u);
    await warmUp(engine, nothing);
    const { stdout, id } = await engine.run(act('tell'));
    expect(stdout).toMatch(/^new\n/u);
    expect(await wasWarm(engine, id)).toBe(true);
  });

  it('is never told what a call is given, and does not grow', async () => {
    const engine = await warmEngine({ historyLimit: 10 });
    const secret = `secret-${crypto.randomUUID()}`;
    await engine.run({ ...act('exit', '0', secret), env: { SECRET: secret } }, { check: true });
    const server = await warmServer(logDir);
    expect(await memoryHolds(server, secret)).toBe(false);
    expect(await memoryHolds(server, 'warm_server.py')).toBe(true);
    const run = (count: number) =>
      Promise.all(Array.from({ length: count }, () => engine.run(nothing, { check: true })));
    await run(30);
    const before = await sizesOf(server);
    await run(100);
    const after = await sizesOf(server);
    expect(after.files).toEqual(before.files);
    expect(after.kilobytes).toBeLessThan(before.kilobytes + 4096);
  });
});

describe.skipIf(typeof cli === 'string')(`what the warm AWS CLI cannot do ${title}`, () => {
  it('is done by a process of its own', async () => {
    const engine = await warmEngine();
    const home = join(folder, 'with-aliases');
    await mkdir(join(home, '.aws/cli'), { recursive: true });
    await writeFile(join(home, '.aws/cli/alias'), '[toplevel]\nx = sts\n');
    const config = join(folder, 'config');
    await writeFile(config, '[default]\nregion = x\n[plugins]\nx = y\n');
    const cases: [Record<string, string>, RegExp][] = [
      [{ AWS_DATA_PATH: '/tmp' }, /AWS_DATA_PATH/u],
      [{ HOME: '' }, /HOME/u],
      [{ HOME: home }, /alias/u],
      [{ AWS_CONFIG_FILE: config }, /changes the CLI/u],
      [{ AWS_CONFIG_FILE: '/dev/stdin' }, /usual file/u],
      [{ LARGE: 'x'.repeat(130_000) }, /large/u],
    ];
    for (const [env, reason] of cases) {
      const { status, id } = await engine.run({ ...nothing, env });
      expect(status).toBe('completed');
      expect(await wasWarm(engine, id)).toBe(false);
      expect(engine.metrics().aws_cli.last_plain_reason).toMatch(reason);
    }
  });

  it.each([
    ['a shell script', () => '#!/bin/sh\necho called >> "$COUNTED"\n'],
    ['a program of another kind', () => '\x7fELF'],
    [
      'a Python that cannot be asked',
      (interpreter: string) =>
        `#!${interpreter} -I\nimport os\nopen(os.environ["COUNTED"], "a").write("called\\n")\n`,
    ],
  ])('never starts %s one time more than it was asked to', async (_, text) => {
    await writeFile(binary, text(typeof cli === 'string' ? '' : cli.interpreter));
    const env = { COUNTED: join(folder, 'counted'), HOME: folder };
    await writeFile(env.COUNTED, '');
    const engine = await testEngine({ awsCli: { binary, env } });
    const results = [await engine.run(act('x')), await engine.run(act('x'))];
    const ran = results.filter(({ status }) => status === 'completed').length;
    expect(await linesIn(env.COUNTED)).toBe(ran);
    expect(engine.metrics().aws_cli.warm).toBe(0);
  });

  it('is off where that is wanted', async () => {
    const engine = await testEngine({ awsCli: { binary, env: { HOME: folder }, warmCli: 'off' } });
    await engine.run(nothing);
    await engine.run(nothing);
    expect(engine.metrics().aws_cli).toEqual({ warm: 0, plain: 0, last_plain_reason: null });
    expect(await warmServers(folder)).toEqual([]);
  });
});
