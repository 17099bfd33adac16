import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ExecutionEngine } from '../../src/index.ts';
import { allEvents, temporaryFolder, testEngine } from '../engine.ts';
import { startFixture } from '../host.ts';
import { runPlan } from '../plans.ts';

const GIB = 1024 ** 3;
const quick = { type: 'exec' as const, program: 'true' };

describe('a gibibyte of output', () => {
  it('is in the log byte for byte, and costs the host little memory', async () => {
    const logDir = await temporaryFolder();
    const text = `${'0'.repeat(85)}\n`;
    const host = startFixture('volume-host.mjs', logDir, `yes ${text.trim()} | head -c ${GIB}`);
    const said = z
      .looseObject({ grownBy: z.number(), bytes: z.number(), sha256: z.string() })
      .parse(await host.next());
    expect(said).toMatchObject({
      status: 'completed',
      exit_code: 0,
      stdout_truncated: true,
      bytes: GIB,
      followed: GIB,
      tooLarge: 'LOG_TOO_LARGE',
      events: Math.ceil(GIB / text.length),
    });
    const hash = createHash('sha256');
    const block = Buffer.from(text.repeat(10_000));
    for (let left = GIB; left > 0; left -= block.length)
      hash.update(block.subarray(0, Math.min(left, block.length)));
    expect(said.sha256).toBe(hash.digest('hex'));
    console.log(`the host grew by ${Math.round(said.grownBy / 1024 ** 2)} MiB`);
    expect(said.grownBy).toBeLessThan(64 * 1024 ** 2);
  });
});

describe('a thousand cancels', () => {
  async function settled(engine: ExecutionEngine, id: string): Promise<string> {
    const answer = await engine.cancel(id);
    const events = await allEvents(engine, id);
    const ends = events.filter((event) => 'result' in event);
    const inOrder = events.every((event, at) => event.seq === at + 1);
    const status = await engine.getStatus(id);
    const isRight = answer === (status === 'cancelled' ? 'cancelled' : 'already_finished');
    const isSound = ends.length === 1 && events.at(-1) === ends[0] && inOrder && isRight;
    return isSound ? status : `unsound: ${JSON.stringify({ answer, status, events })}`;
  }

  it('within 5 ms of the exit have one end each', async () => {
    const engine = await testEngine({ maxConcurrent: 4 });
    const outcomes = new Map<string, number>();
    const lasts = 40;
    const one = async (at: number) => {
      const command = { type: 'exec' as const, program: 'sleep', args: [String(lasts / 1000)] };
      const id = await engine.execute({ command });
      for await (const event of engine.events(id)) if (event.type === 'started') break;
      await delay(lasts - 5 + (at % 11));
      const outcome = await settled(engine, id);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    };
    for (let at = 0; at < 1000; at += 4)
      await Promise.all([0, 1, 2, 3].map((more) => one(at + more)));
    console.log('cancelled near the exit', Object.fromEntries(outcomes));
    expect(
      [...outcomes.keys()].filter((key) => key !== 'completed' && key !== 'cancelled'),
    ).toEqual([]);
  });

  it('while they wait and while they start have one end each', async () => {
    const engine = await testEngine({ maxConcurrent: 4 });
    const outcomes = new Map<string, number>();
    await Promise.all(
      Array.from({ length: 1000 }, async (_, at) => {
        const id = await engine.execute({ command: quick });
        await delay((at % 100) * 20);
        const outcome = await settled(engine, id);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }),
    );
    console.log('cancelled while queued and starting', Object.fromEntries(outcomes));
    expect(
      [...outcomes.keys()].filter((key) => key !== 'completed' && key !== 'cancelled'),
    ).toEqual([]);
  });
});

describe('ten thousand runs', () => {
  it('a thousand of them of nothing, leave descriptors, processes and memory as they were', async () => {
    const host = startFixture('many-runs.mjs', await temporaryFolder(), '10');
    const State = z.object({ files: z.number(), heapMiB: z.number(), zombies: z.number() });
    const { before, after, ...rest } = z
      .looseObject({ before: State, after: State })
      .parse(await host.next());
    console.log('before and after 10,000 runs', before, after);
    const codes = { completed: 9000, SPAWN_FAILED: 1000 };
    expect(rest).toEqual({ codes, queued: 0, running: 0 });
    expect(after.zombies).toBe(0);
    expect(Math.abs(after.files - before.files)).toBeLessThanOrEqual(2);
    expect(after.heapMiB - before.heapMiB).toBeLessThanOrEqual(5);
  });
});

describe('ten thousand that wait', () => {
  it('are served by priority, and let go at once where they are cancelled', async () => {
    const engine = await testEngine({ maxConcurrent: 4, historyLimit: 20_000 });
    engine.pause();
    const ids = await Promise.all(
      Array.from({ length: 10_000 }, (_, at) =>
        engine.execute({ command: quick, priority: at === 9999 ? 1 : 0 }),
      ),
    );
    expect(engine.metrics().queued).toBe(10_000);
    await Promise.all(ids.slice(0, 9900).map((id) => engine.cancel(id)));
    expect(engine.metrics().queued).toBe(100);
    engine.resume();
    const results = await Promise.all(ids.slice(9900).map((id) => engine.getResult(id)));
    expect(results.every(({ status }) => status === 'completed')).toBe(true);
    const starts = results.map(({ started_at }) => String(started_at));
    const [first] = starts.toSorted((a, b) => a.localeCompare(b));
    expect(starts.at(-1)).toBe(first);
  });
});

describe('a plan of 5,000 steps', () => {
  it('in a graph runs all of them, each after what it waits for', async () => {
    const engine = await testEngine({ maxConcurrent: 4, historyLimit: 6000 });
    const steps = Array.from({ length: 5000 }, (_, at) => ({
      id: `s${at}`,
      command: quick,
      ...(at >= 50 && { depends_on: [`s${at - 50}`, `s${at - 1 - (at % 50)}`] }),
    }));
    const result = await runPlan(engine, { strategy: { type: 'dependency_graph' }, steps });
    expect(result.status).toBe('completed');
    expect(result.steps.every(({ status }) => status === 'completed')).toBe(true);
  });
});
