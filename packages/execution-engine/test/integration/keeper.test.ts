import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findByCookie } from '../../src/process/cookie.ts';
import { KeeperConnection } from '../../src/process/keeper-connection.ts';
import { connectTo } from '../../src/process/keeper-process.ts';
import { KeeperLauncher } from '../../src/process/kept.ts';
import { groupMembers, livingProcesses } from '../../src/process/group.ts';
import { processStat } from '../../src/process/identity.ts';
import { FileStateStore } from '../../src/state/file-store.ts';
import { eventually, nodeCommand, sh, temporaryFolder, testEngine } from '../engine.ts';
import { startFixture, startHost } from '../host.ts';

const Started = z.object({ id: z.string(), pid: z.int() });

/** The keepers that have their folder below `folder`. */
async function keepersOf(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of livingProcesses()) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const stat = processStat(pid);
    if (stat?.state === 'Z') continue;
    if (command.includes('engine-keeper') && command.includes(folder)) found.push(pid);
  }
  return found;
}

describe('a host that is killed', () => {
  it('takes its processes with it, and the keeper', async () => {
    const logDir = await temporaryFolder();
    const host = startHost('sleep 100 & setsid sleep 100 & wait', { logDir, killGraceMs: 300 });
    const { id, pid } = Started.parse(await host.next());
    await eventually(() => findByCookie(new Set([id])).length === 3);
    expect(await keepersOf(logDir)).toHaveLength(1);
    host.child.kill('SIGKILL');
    await eventually(() => findByCookie(new Set([id])).length === 0, 10_000);
    expect(groupMembers(pid)).toEqual([]);
    await expect.poll(() => keepersOf(logDir), { timeout: 10_000 }).toEqual([]);
    expect(readdirSync(logDir).filter((name) => name.startsWith('keeper-'))).toEqual([]);
  });

  it('takes along a process that waits for its output to be read', async () => {
    const folder = await temporaryFolder();
    const launcher = new KeeperLauncher(() => Promise.resolve(folder), {
      engineId: crypto.randomUUID(),
      onHostDeath: 'kill',
      killGraceMs: 300,
      spoolLimitBytes: 1024 * 1024,
      durable: false,
    });
    const executionId = crypto.randomUUID();
    const ticket = await launcher.reserve(executionId);
    const env = { PATH: '/usr/bin:/bin', CLOUDOPS_EXECUTION_ID: executionId };
    const spec = {
      executionId,
      program: 'yes',
      args: [],
      env,
      workingDir: '/',
      secretNames: [],
      stdin: null,
    };
    let read = () => {};
    const late = new Promise<void>((resolve) => {
      read = resolve;
    });
    await launcher.launch(spec, () => late, ticket);
    await delay(500);
    // A connection that takes over and goes is, for the keeper, a host that dies.
    (await connectTo(ticket.keeper.socket)).destroy();
    await expect.poll(() => keepersOf(folder), { timeout: 15_000 }).toEqual([]);
    expect(findByCookie(new Set([executionId]))).toEqual([]);
    read();
  });

  it('takes them also where they ignore SIGTERM', async () => {
    const logDir = await temporaryFolder();
    const host = startHost('trap "" TERM; while :; do sleep .1; done', {
      logDir,
      killGraceMs: 300,
    });
    const { id } = Started.parse(await host.next());
    host.child.kill('SIGKILL');
    await eventually(() => findByCookie(new Set([id])).length === 0, 10_000);
    expect(findByCookie(new Set([id]))).toEqual([]);
  });
});

describe('the file of an inline script', () => {
  it('goes with its process also where the host was killed before', async () => {
    const logDir = await temporaryFolder();
    const content = 'echo "$0"; sleep 100';
    const host = startHost(JSON.stringify({ type: 'script', content }), { logDir });
    const { id } = Started.parse(await host.next());
    const log = () => readFile(`${logDir}/${id}.log`, 'utf8');
    await expect.poll(log, { timeout: 10_000 }).toContain('.script\n');
    const script = (await log()).trim();
    expect(await readFile(script, 'utf8')).toBe(content);
    host.child.kill('SIGKILL');
    await eventually(() => !existsSync(dirname(script)), 10_000);
  });
});

describe('a process that leaves its group', () => {
  it('is found and ended by cancel', async () => {
    const engine = await testEngine();
    const id = await engine.execute({ command: sh('setsid sleep 100 & wait') });
    await eventually(() => findByCookie(new Set([id])).length === 2);
    await engine.cancel(id);
    expect(findByCookie(new Set([id]))).toEqual([]);
    expect(await engine.getResult(id)).toMatchObject({ status: 'cancelled', survivors: [] });
  });

  it('is ended also where it ignores SIGTERM', async () => {
    const engine = await testEngine({ killGraceMs: 200 });
    const id = await engine.execute({
      command: sh(`setsid sh -c 'trap "" TERM; echo ready; while :; do sleep .1; done' & wait`),
    });
    for await (const event of engine.events(id)) if (event.type === 'stdout') break;
    await engine.cancel(id);
    expect(findByCookie(new Set([id]))).toEqual([]);
    expect((await engine.getResult(id)).escalated).toBe(true);
  });

  it('is ended by close, also where its execution completed', async () => {
    const engine = await testEngine();
    const { id, status } = await engine.run({
      command: sh('setsid sleep 100 >/dev/null 2>&1 & :'),
    });
    expect(status).toBe('completed');
    await engine.close();
    expect(findByCookie(new Set([id]))).toEqual([]);
  });
});

describe('a keeper that is killed', () => {
  it('costs the exit code, and nothing hangs', async () => {
    const logDir = await temporaryFolder();
    const engine = await testEngine({ logDir });
    const id = await engine.execute({ command: sh('echo before; sleep 100') });
    for await (const event of engine.events(id)) if (event.type === 'stdout') break;
    const [keeper] = await keepersOf(logDir);
    process.kill(keeper ?? 0, 'SIGKILL');
    const result = await engine.getResult(id);
    expect(result).toMatchObject({
      status: 'failed',
      exit_code: null,
      stdout: 'before\n',
      error: { code: 'INTERRUPTED' },
    });
    expect(findByCookie(new Set([id]))).toEqual([]);
    // The next execution has a new one.
    expect((await engine.run({ command: sh('echo again') })).stdout).toBe('again\n');
  });
});

describe('the keeper', () => {
  it('ends what a host started also where another engine comes before that death was noticed', async () => {
    const folder = await temporaryFolder();
    const launcher = new KeeperLauncher(() => Promise.resolve(folder), {
      engineId: crypto.randomUUID(),
      onHostDeath: 'kill',
      killGraceMs: 300,
      spoolLimitBytes: 1024 * 1024,
      durable: true,
    });
    const executionId = crypto.randomUUID();
    const ticket = await launcher.reserve(executionId);
    const spec = {
      executionId,
      program: 'sleep',
      args: ['100'],
      workingDir: '/',
      secretNames: [],
      stdin: null,
    };
    const env = { PATH: '/usr/bin:/bin', CLOUDOPS_EXECUTION_ID: executionId };
    await launcher.launch({ ...spec, env }, () => undefined, ticket);
    const next = await KeeperConnection.open(ticket.keeper);
    const attach = { op: 'attach' as const, launch: ticket.launch };
    const running = await next.follow(attach, executionId, () => undefined);
    expect(await running.exited).toMatchObject({
      signal: 'SIGTERM',
      failure: { code: 'INTERRUPTED' },
    });
    await running.drained;
    running.release();
    await next.close();
  });

  it('stays for what a later engine has not asked for yet', async () => {
    const folder = await temporaryFolder();
    const options = { logDir: `${folder}/logs`, stateDir: `${folder}/state`, onHostDeath: 'keep' };
    const lines = ['sleep 0.5; exit 3', 'sleep 3; exit 4'];
    const host = startFixture('durable-host.mjs', JSON.stringify(options), JSON.stringify(lines));
    const ids: string[] = [];
    for await (const { id } of host.said) if (ids.push(id) === lines.length) break;
    await eventually(() => ids.every((id) => findByCookie(new Set([id])).length > 0), 20_000);
    const exited = once(host.child, 'exit');
    host.child.kill('SIGKILL');
    await exited;
    const records = await new FileStateStore(options.stateDir, false, () => {}).load();
    const launcher = new KeeperLauncher(() => Promise.resolve(folder), {
      engineId: crypto.randomUUID(),
      onHostDeath: 'keep',
      killGraceMs: 300,
      spoolLimitBytes: 1024 * 1024,
      durable: true,
    });
    const codes: (number | null)[] = [];
    for (const id of ids) {
      const record = records.find((one) => one.id === id);
      if (record?.kind !== 'execution' || record.ticket === null) throw new Error('no ticket');
      const running = await launcher.resume(id, record.ticket, () => undefined);
      const { code } = await running.exited;
      await running.drained;
      running.release();
      codes.push(code);
      // Room for the keeper to leave.
      await delay(300);
    }
    expect(codes).toEqual([3, 4]);
    await expect.poll(() => keepersOf(folder), { timeout: 15_000 }).toEqual([]);
    await launcher.close();
  });

  it('leaves with its engine, and takes its folder along', async () => {
    const logDir = await temporaryFolder();
    const engine = await testEngine({ logDir });
    await engine.run({ command: sh('echo hi') });
    expect(await keepersOf(logDir)).toHaveLength(1);
    await engine.close();
    expect(await keepersOf(logDir)).toEqual([]);
    expect(readdirSync(logDir).filter((name) => name.startsWith('keeper-'))).toEqual([]);
  });

  it('holds a process back while nobody can take its output', async () => {
    const logDir = await temporaryFolder();
    const engine = await testEngine({ logDir, spoolLimitBytes: 1024 * 1024 });
    const result = await engine.run({ command: nodeCommand('lines.mjs', '1000000') });
    expect(result.status).toBe('completed');
    expect((await engine.readLogs(result.id)).endsWith('line 1000000\n')).toBe(true);
  });

  it('does not keep a program alive that never closes its engine', async () => {
    const engine = await testEngine();
    const result = await engine.run({
      command: nodeCommand('forgets-to-close.mjs', await temporaryFolder()),
      timeout_ms: 30_000,
    });
    expect(result).toMatchObject({ status: 'completed', stdout: 'completed\n' });
  });

  it('gives a process pipes that it can open by name, and loses nothing of what it wrote before', async () => {
    const engine = await testEngine();
    const line =
      'for i in 1 2 3; do echo "out $i"; echo "err $i" > /dev/stderr; done; echo end > /dev/stdout';
    const results = await Promise.all(
      Array.from({ length: 20 }, () => engine.run({ command: sh(line) })),
    );
    for (const { stdout, stderr } of results) {
      expect(stdout).toBe('out 1\nout 2\nout 3\nend\n');
      expect(stderr).toBe('err 1\nerr 2\nerr 3\n');
    }
  });

  it('never shows the output of a process that was left behind as that of another', async () => {
    const engine = await testEngine({ maxConcurrent: 1 });
    const { pipes_held_open } = await engine.run({
      command: sh('(while :; do echo stray; sleep 0.01; done) & echo first'),
    });
    expect(pipes_held_open).toBe(true);
    for (let round = 0; round < 20; round += 1) {
      const { stdout } = await engine.run({ command: sh('sleep 0.02; echo own') });
      expect(stdout).toBe('own\n');
    }
  });

  it('gives its children nothing of its own', async () => {
    const engine = await testEngine();
    const result = await engine.run({
      command: { type: 'exec', program: 'env' },
      env: { A: '1' },
      inherit_env: false,
    });
    expect(result.stdout.split('\n').map((line) => line.split('=')[0])).toEqual([
      'A',
      'CLOUDOPS_EXECUTION_ID',
      'CLOUDOPS_ENGINE_ID',
      '',
    ]);
  });
});
