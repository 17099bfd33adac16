import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupMembers } from '../../src/process/group.ts';
import { allEvents, eventually, sh, temporaryFolder, testEngine } from '../engine.ts';

describe('the end of a process', () => {
  it('does not wait for a grandchild that holds the output, and says so', async () => {
    const engine = await testEngine();
    const started = performance.now();
    const result = await engine.run({ command: sh('sleep 30 & echo hi') });
    expect(performance.now() - started).toBeLessThan(5000);
    expect(result).toMatchObject({
      status: 'completed',
      exit_code: 0,
      stdout: 'hi\n',
      pipes_held_open: true,
    });
  });

  it('keeps what was in the pipe when the process ended, however slowly it is read', async () => {
    const engine = await testEngine();
    const result = await engine.run({
      command: sh('head -c 60000 /dev/zero | tr "\\0" x; sleep 30 &'),
    });
    expect(result.stdout).toHaveLength(60_000);
  });

  it('cuts off a grandchild that never stops writing', async () => {
    const engine = await testEngine();
    const result = await engine.run({
      command: sh('(while :; do echo y; sleep 0.05; done) & echo hi'),
    });
    expect(result).toMatchObject({ status: 'completed', pipes_held_open: true });
    expect(result.stdout.startsWith('hi\n') || result.stdout.startsWith('y\n')).toBe(true);
  });

  it('kills a process that ignores SIGTERM, after the grace period', async () => {
    const engine = await testEngine({ killGraceMs: 500 });
    const started = performance.now();
    const result = await engine.run({
      command: sh('trap "" TERM; while :; do sleep .1; done'),
      timeout_ms: 300,
    });
    expect(performance.now() - started).toBeLessThan(7500);
    expect(result).toMatchObject({
      status: 'failed',
      signal: 'SIGKILL',
      escalated: true,
      error: { code: 'TIMEOUT' },
    });
  });

  it('is not called escalated where SIGTERM was enough', async () => {
    const engine = await testEngine();
    const result = await engine.run({ command: sh('sleep 100'), timeout_ms: 100 });
    expect(result).toMatchObject({ signal: 'SIGTERM', escalated: false });
  });

  it('ends a process that says nothing for too long, and not one that does', async () => {
    const engine = await testEngine();
    const [silent, talking] = await Promise.all([
      engine.run({ command: sh('echo a; sleep 60'), idle_timeout_ms: 400 }),
      engine.run({
        command: sh('for i in 1 2 3 4 5 6; do echo $i; sleep .2; done'),
        idle_timeout_ms: 1000,
      }),
    ]);
    expect(silent).toMatchObject({
      status: 'failed',
      stdout: 'a\n',
      error: { code: 'IDLE_TIMEOUT' },
    });
    expect(talking.status).toBe('completed');
  });
});

describe('cancel', () => {
  it('leaves nothing of the process group', async () => {
    const engine = await testEngine();
    const id = await engine.execute({ command: sh('sleep 100 & sleep 100 & wait') });
    let pid = 0;
    for await (const event of engine.events(id)) {
      if (event.type !== 'started') continue;
      pid = event.pid ?? 0;
      break;
    }
    await eventually(() => groupMembers(pid).length >= 3);
    expect(await engine.cancel(id)).toBe('cancelled');
    expect(groupMembers(pid)).toEqual([]);
    expect(await engine.getStatus(id)).toBe('cancelled');
    expect((await engine.getResult(id)).error?.code).toBe('CANCELLED');
  });

  it('says that it came too late where the end was seen first', async () => {
    const engine = await testEngine();
    const { id } = await engine.run({ command: sh('exit 0') });
    expect(await engine.cancel(id)).toBe('already_finished');
    expect(await engine.getStatus(id)).toBe('completed');
  });

  it('takes effect while it waits in the queue, and nothing is started then', async () => {
    const engine = await testEngine({ maxConcurrent: 1 });
    const first = await engine.execute({ command: sh('sleep 1') });
    const second = await engine.execute({ command: sh('echo never') });
    expect(await engine.getStatus(second)).toBe('queued');
    expect(await engine.cancel(second)).toBe('cancelled');
    expect((await allEvents(engine, second)).map((event) => event.type)).toEqual(['cancelled']);
    await engine.cancel(first);
  });

  it('of an abort signal works before and while it runs', async () => {
    const engine = await testEngine();
    const early = AbortSignal.abort();
    expect(await engine.run({ command: sh('sleep 60') }, { signal: early })).toMatchObject({
      status: 'cancelled',
    });
    const late = AbortSignal.timeout(200);
    expect(await engine.run({ command: sh('sleep 60') }, { signal: late })).toMatchObject({
      status: 'cancelled',
    });
  });

  it('races with the exit to exactly one end', { timeout: 120_000 }, async () => {
    const engine = await testEngine({ maxConcurrent: 8 });
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const id = await engine.execute({ command: { type: 'exec', program: 'true' } });
        await new Promise((resolve) => setTimeout(resolve, index % 40));
        const answer = await engine.cancel(id);
        const events = await allEvents(engine, id);
        const last = events.filter((event) => 'result' in event);
        expect(last).toHaveLength(1);
        expect(events.at(-1)).toBe(last[0]);
        expect(events.map((event) => event.seq)).toEqual(events.map((_, at) => at + 1));
        const status = await engine.getStatus(id);
        expect(answer).toBe(status === 'cancelled' ? 'cancelled' : 'already_finished');
        return status;
      }),
    );
    expect(outcomes.every((status) => ['completed', 'cancelled'].includes(status))).toBe(true);
  });
});

describe('input', () => {
  it('reaches the process', async () => {
    const engine = await testEngine();
    const result = await engine.run({ command: sh('cat'), stdin: 'žluť\n' });
    expect(result).toMatchObject({ stdout: 'žluť\n', stdin_truncated: false });
  });

  it('that is not read is no error', async () => {
    const engine = await testEngine();
    const result = await engine.run({
      command: { type: 'exec', program: 'true' },
      stdin: 'x'.repeat(20_000_000),
    });
    expect(result).toMatchObject({ status: 'completed', exit_code: 0, stdin_truncated: true });
  });

  it('is empty where none is given', async () => {
    const engine = await testEngine();
    expect((await engine.run({ command: sh('cat; echo done') })).stdout).toBe('done\n');
  });
});

describe('retry', () => {
  it('runs again until it succeeds, and counts', async () => {
    const engine = await testEngine();
    const folder = await temporaryFolder();
    const result = await engine.run({
      command: sh('echo x >> tries; [ $(wc -l < tries) -ge 3 ]'),
      working_dir: folder,
      retry: { max_attempts: 5, initial_delay_ms: 10 },
    });
    expect(result).toMatchObject({ status: 'completed', attempts: 3 });
    expect(await readFile(join(folder, 'tries'), 'utf8')).toBe('x\nx\nx\n');
  });

  it('keeps to the exit codes that were named', async () => {
    const engine = await testEngine();
    const retry = { max_attempts: 3, initial_delay_ms: 1, on_exit_codes: [7] };
    expect((await engine.run({ command: sh('exit 7'), retry })).attempts).toBe(3);
    expect((await engine.run({ command: sh('exit 8'), retry })).attempts).toBe(1);
  });
});

describe('many runs', () => {
  it('leave descriptors and children as they were', { timeout: 120_000 }, async () => {
    const engine = await testEngine();
    await engine.run({ command: sh('true') });
    const before = readdirSync('/proc/self/fd').length;
    await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        engine.run({ command: { type: 'exec', program: index % 10 === 0 ? 'no-such' : 'true' } }),
      ),
    );
    const more = () => readdirSync('/proc/self/fd').length - before;
    await eventually(() => Math.abs(more()) <= 2);
    expect(Math.abs(more())).toBeLessThanOrEqual(2);
  });
});

describe('logs', () => {
  it('lie in a directory that only this user can read', async () => {
    const engine = await testEngine();
    const result = await engine.run({ command: sh('echo hi') });
    const path = result.log_path ?? '';
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(await readFile(path, 'utf8')).toBe('hi\n');
  });

  it('in a place that cannot be used fail the execution with a code', async () => {
    const engine = await testEngine({ logDir: '/proc/cloudops' });
    const result = await engine.run({ command: sh('echo hi') });
    expect(result).toMatchObject({ status: 'failed', log_path: null });
    expect(result.error?.code).toMatch(/^LOG_/u);
    expect(await engine.readLogs(result.id)).toBe('');
    expect((await allEvents(engine, result.id)).at(-1)?.type).toBe('failed');
  });
});
