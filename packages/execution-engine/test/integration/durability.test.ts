import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExecutionEngine } from '../../src/index.ts';
import { findByCookie } from '../../src/process/cookie.ts';
import { killHost, onceSpoken } from '../durability.ts';
import type { Moment } from '../durability.ts';
import { allEvents, eventually, linesOf, sh, temporaryFolder } from '../engine.ts';
import { startFixture } from '../host.ts';

const counting = 'for i in 1 2 3 4 5 6 7 8; do echo "$i $PASSWORD"; sleep 0.1; done; exit 7';
const counted = '1 ***\n2 ***\n3 ***\n4 ***\n5 ***\n6 ***\n7 ***\n8 ***\n';

const midway: Moment = (ids, logOf) =>
  ids.length === 3 && logOf(ids[0]).includes('3 *') && logOf(ids[1]).includes('2 *');
const begun: Moment = (ids, logOf) => logOf(ids[0]).includes('begun');
const begunAndQueued: Moment = (ids, logOf) => ids.length === 2 && begun(ids, logOf);

describe('a host that is killed', () => {
  it('with keep: what runs goes on, and a new engine has its output, masked, and its exit code', async () => {
    const { ids, results } = await killHost([counting, counting, 'true'], midway, {
      onHostDeath: 'keep',
      maxConcurrent: 3,
    });
    expect(ids).toHaveLength(3);
    expect(results[0]).toMatchObject({
      exit_code: 7,
      stdout: counted,
      error: { code: 'NONZERO_EXIT' },
    });
    expect(results[1]).toMatchObject({ exit_code: 7, stdout: counted });
    expect(results[2]).toMatchObject({ exit_code: 0, status: 'completed' });
  });

  it('with kill: what ran is interrupted, with its output so far', async () => {
    const { results } = await killHost(['echo begun; sleep 100'], begun, {});
    expect(results[0]).toMatchObject({
      status: 'failed',
      stdout: 'begun\n',
      error: { code: 'INTERRUPTED' },
    });
    expect(findByCookie(new Set(results.map(({ id }) => id)))).toEqual([]);
  });

  it('leaves what was queued interrupted', async () => {
    const { results } = await killHost(['echo begun; sleep 100', 'echo never'], begunAndQueued, {
      onHostDeath: 'kill',
      maxConcurrent: 1,
    });
    expect(results.map((result) => result.error?.code)).toEqual(['INTERRUPTED', 'INTERRUPTED']);
    expect(results[1]?.stdout).toBe('');
  });

  it.each([
    ['keep', false],
    ['kill', false],
    ['keep', true],
  ] as const)(
    'at whatever moment loses no accepted execution (%s, keeper killed as well: %s; 6 hosts)',
    { timeout: 180_000 },
    async (onHostDeath, alsoKeeper) => {
      const seen = { completed: 0, interrupted: 0 };
      for (let round = 0; round < 6; round += 1) {
        const lines = Array.from(
          { length: 12 },
          (_, at) => `echo ${at}; sleep 0.0${at % 10}; echo end; exit ${at}`,
        );
        const options = { onHostDeath, maxConcurrent: 4 };
        const moment = onceSpoken(round * 2);
        const { ids, results } = await killHost(lines, moment, options, alsoKeeper);
        expect(results).toHaveLength(ids.length);
        for (const [at, { error, exit_code, stdout }] of results.entries()) {
          // Either it came to its end, with all of its output and its exit code, or it was interrupted.
          const isInterrupted = error?.code === 'INTERRUPTED';
          const outcome = isInterrupted ? 'INTERRUPTED' : `${exit_code}: ${stdout}`;
          expect(['INTERRUPTED', `${at}: ${at}\nend\n`]).toContain(outcome);
          seen[isInterrupted ? 'interrupted' : 'completed'] += 1;
        }
      }
      // Both happened, or this test would have shown nothing.
      expect(seen.completed).toBeGreaterThan(0);
      expect(seen.interrupted).toBeGreaterThan(0);
    },
  );
});

describe('a new engine', () => {
  it('shows the history of the old one, with events and logs', async () => {
    const folder = await temporaryFolder();
    const options = { logDir: join(folder, 'logs'), stateDir: join(folder, 'state') };
    const first = new ExecutionEngine(options);
    const request = { id: crypto.randomUUID(), command: sh('echo one; echo two >&2; exit 3') };
    const result = await first.run(request);
    const planId = await first.executePlan({
      strategy: { type: 'serial' },
      steps: [{ id: 'a', command: sh('echo step') }],
    });
    const plan = await first.getPlanResult(planId);
    const events = await allEvents(first, request.id);
    await first.close();

    await using second = new ExecutionEngine(options);
    expect(await second.getResult(request.id)).toEqual(result);
    expect(await second.getPlanResult(planId)).toEqual(plan);
    expect(await second.readLogs(request.id)).toBe('one\ntwo\n');
    const again = await allEvents(second, request.id);
    const { timestamp: _told, ...last } = events.at(-1) ?? {};
    expect(again.slice(0, -1)).toEqual(events.slice(0, -1));
    expect(again.at(-1)).toMatchObject(last);
    expect(linesOf(await allEvents(second, planId))).toEqual(['step']);
    expect((await second.list()).map(({ kind }) => kind).sort()).toEqual([
      'execution',
      'execution',
      'plan',
    ]);
    // The id is still an idempotency key.
    expect(await second.run(request)).toEqual(result);
  });

  it('does not touch what belongs to a host that lives', async () => {
    const folder = await temporaryFolder();
    const options = { logDir: join(folder, 'logs'), stateDir: join(folder, 'state') };
    const host = startFixture(
      'durable-host.mjs',
      JSON.stringify(options),
      JSON.stringify(['sleep 100']),
    );
    await host.next();
    await using engine = new ExecutionEngine(options);
    expect(await engine.list()).toEqual([]);
    await engine.run({ command: sh('true') });
    host.child.kill('SIGKILL');
  });

  it('follows the log of another process, to its end', async () => {
    const folder = await temporaryFolder();
    const options = { logDir: join(folder, 'logs') };
    const line = 'for i in 1 2 3 4 5; do echo $i; sleep 0.1; done';
    const host = startFixture('durable-host.mjs', JSON.stringify(options), JSON.stringify([line]));
    const { value } = await host.said[Symbol.asyncIterator]().next();
    const id = String(value?.id);
    await using engine = new ExecutionEngine(options);
    await eventually(() => existsSync(join(folder, 'logs', `${id}.log`)));
    let text = '';
    for await (const chunk of engine.followLogs(id)) text += chunk.text;
    expect(text).toBe('1\n2\n3\n4\n5\n');
    expect(await engine.readLogs(id, { from: 2, limit: 4 })).toBe('2\n3\n');
    await expect(engine.readLogs('../../etc/passwd')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    host.child.kill('SIGKILL');
  });

  it('is not held up by records that are damaged', async () => {
    const folder = await temporaryFolder();
    const options = { logDir: join(folder, 'logs'), stateDir: join(folder, 'state') };
    const first = new ExecutionEngine(options);
    const { id } = await first.run({ command: sh('true') });
    await first.close();
    await writeFile(join(folder, 'state', `${crypto.randomUUID()}.state.json`), '{"version":');
    await using second = new ExecutionEngine(options);
    expect((await second.list()).map((one) => one.id)).toEqual([id]);
  });
});

describe('a keeper that is killed together with its host', () => {
  it('leaves its executions interrupted, and none of their processes', async () => {
    const folder = await temporaryFolder();
    const options = {
      logDir: join(folder, 'logs'),
      stateDir: join(folder, 'state'),
      onHostDeath: 'keep' as const,
    };
    const host = startFixture(
      'durable-host.mjs',
      JSON.stringify(options),
      JSON.stringify(['echo a; sleep 100']),
    );
    const { value } = await host.said[Symbol.asyncIterator]().next();
    const id = String(value?.id);
    await eventually(() => findByCookie(new Set([id])).length > 0);
    const keeper = execFileSync('pgrep', ['-f', `engine-keeper.*${folder}`], { encoding: 'utf8' });
    const exited = once(host.child, 'exit');
    host.child.kill('SIGKILL');
    await exited;
    process.kill(Number(keeper.trim().split('\n')[0]), 'SIGKILL');
    await using engine = new ExecutionEngine(options);
    expect((await engine.getResult(id)).error?.code).toBe('INTERRUPTED');
    expect(findByCookie(new Set([id]))).toEqual([]);
  });
});
