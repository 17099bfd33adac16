import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findByCookie } from '../../src/process/cookie.ts';
import { allEvents, eventually, sh, temporaryFolder, testEngine } from '../engine.ts';

describe('close', () => {
  it('while processes are being started leaves none', async () => {
    const engine = await testEngine({ maxConcurrent: 20 });
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => engine.execute({ command: sh('sleep 60') })),
    );
    await Promise.all([
      engine.close({ mode: 'kill' }),
      engine.close({ mode: 'kill' }),
      engine.close(),
    ]);
    const results = await Promise.all(ids.map((id) => engine.getResult(id)));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['cancelled']));
    expect(findByCookie(new Set(ids))).toEqual([]);
    await expect(engine.execute({ command: sh('true') })).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(
      engine.executePlan({ strategy: { type: 'serial' }, steps: [{ id: 'a', command: sh(':') }] }),
    ).rejects.toMatchObject({ code: 'CLOSED' });
    // What it knows it still tells.
    expect(await engine.getStatus(ids[0] ?? '')).toBe('cancelled');
    expect(await allEvents(engine, ids[0] ?? '')).not.toEqual([]);
  });

  it('that drains is hurried by one that kills', async () => {
    const engine = await testEngine();
    const id = await engine.execute({ command: sh('sleep 60') });
    const draining = engine.close();
    await engine.close({ mode: 'kill' });
    await draining;
    expect((await engine.getResult(id)).status).toBe('cancelled');
  });

  it('of an engine that has done nothing starts nothing', async () => {
    const logDir = await temporaryFolder();
    const engine = await testEngine({ logDir });
    await engine.close();
    expect(readdirSync(logDir)).toEqual([]);
  });

  it('of a paused engine ends what waits, with kill', async () => {
    const engine = await testEngine();
    engine.pause();
    const id = await engine.execute({ command: sh('true') });
    const planId = await engine.executePlan({
      strategy: { type: 'parallel' },
      steps: Array.from({ length: 100 }, (_, at) => ({ id: `s${at}`, command: sh('true') })),
    });
    await engine.close({ mode: 'kill' });
    expect(await engine.getStatus(id)).toBe('cancelled');
    const { status, steps } = await engine.getPlanResult(planId);
    expect([status, steps.length]).toEqual(['cancelled', 100]);
  });
});

describe('cancel', () => {
  it('of a plan all of whose steps wait ends it without starting one', async () => {
    const engine = await testEngine();
    const folder = await temporaryFolder();
    engine.pause();
    const id = await engine.executePlan({
      strategy: { type: 'dependency_graph' },
      steps: Array.from({ length: 200 }, (_, at) => ({
        id: `s${at}`,
        command: sh('touch ran'),
        working_dir: folder,
        ...(at > 100 && { depends_on: [`s${at - 100}`] }),
      })),
    });
    await eventually(() => engine.metrics().queued === 101);
    expect(await engine.cancel(id)).toBe('cancelled');
    engine.resume();
    const { steps } = await engine.getPlanResult(id);
    const count = (status: string) => steps.filter((step) => step.status === status).length;
    expect([count('cancelled'), count('skipped')]).toEqual([101, 99]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('signals', () => {
  it('asked for twice are listened to twice, and given up one by one', async () => {
    const engine = await testEngine();
    const before = process.listenerCount('SIGUSR2');
    const first = engine.killOnSignals(['SIGUSR2']);
    const second = engine.killOnSignals(['SIGUSR2']);
    first();
    first();
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1);
    second();
    expect(process.listenerCount('SIGUSR2')).toBe(before);
  });
});

describe('what is left of a test run', () => {
  it('is no zombie of this process', async () => {
    const engine = await testEngine();
    await Promise.all(
      Array.from({ length: 20 }, () => engine.run({ command: sh('sleep 0.01 &') })),
    );
    await engine.close();
    const zombies = () =>
      execFileSync('ps', ['--ppid', String(process.pid), '-o', 'stat='], { encoding: 'utf8' })
        .split('\n')
        .filter((state) => state.startsWith('Z'));
    // The keeper itself has only just left.
    await eventually(() => zombies().length === 0);
    expect(zombies()).toEqual([]);
  });
});
