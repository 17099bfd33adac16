import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  ExecutionEngine,
  ExecutionError,
  ExecutionEvent,
  optionsFromEnv,
} from '../../src/index.ts';
import type { Metric } from '../../src/index.ts';
import { findByCookie } from '../../src/process/cookie.ts';
import { allEvents, eventually, sh, temporaryFolder, testEngine } from '../engine.ts';
import { startFixture } from '../host.ts';

describe('the queue', () => {
  it('goes by priority, and holds while it is paused', async () => {
    const engine = await testEngine({ maxConcurrent: 1 });
    const order: string[] = [];
    engine.pause();
    const runs = [0, 5, -3, 5].map(async (priority, index) => {
      const result = await engine.run({ command: sh('true'), priority });
      order.push(`${priority}/${index}`);
      return result;
    });
    await eventually(() => engine.metrics().queued === 4);
    expect(engine.metrics().running).toBe(0);
    engine.resume();
    await Promise.all(runs);
    expect(order).toEqual(['5/1', '5/3', '0/0', '-3/2']);
  });

  it('never runs more than it may', async () => {
    const engine = await testEngine({ maxConcurrent: 2 });
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, engine.metrics().running);
    }, 1);
    await Promise.all(Array.from({ length: 12 }, () => engine.run({ command: sh('sleep 0.05') })));
    clearInterval(watch);
    expect(most).toBe(2);
  });
});

describe('metrics', () => {
  it('count what was done, and tell a listener that may break', async () => {
    const told: Metric[] = [];
    const engine = await testEngine({
      onMetric: (metric) => {
        told.push(metric);
        throw new Error('broken listener');
      },
    });
    await engine.run({ command: sh('echo four') });
    await engine.run({ command: sh('exit 1') });
    const metrics = engine.metrics();
    expect(metrics).toMatchObject({
      queued: 0,
      running: 0,
      done: { completed: 1, failed: 1, cancelled: 0 },
      output_bytes: 5,
    });
    expect(metrics.spawn_latency_ms.count).toBe(2);
    expect(
      told.filter(({ name }) => name === 'executions').map(({ attributes }) => attributes),
    ).toEqual([
      { status: 'completed', code: 'OK' },
      { status: 'failed', code: 'NONZERO_EXIT' },
    ]);
  });
});

describe('signals', () => {
  it('end everything where that was asked for, and then the host', async () => {
    const host = startFixture('signal-host.mjs', await temporaryFolder());
    const said = await host.next();
    const id = String(Reflect.get(Object(said), 'id'));
    await eventually(() => findByCookie(new Set([id])).length > 0);
    host.child.kill('SIGTERM');
    const [, signal] = await once(host.child, 'exit');
    expect(signal).toBe('SIGTERM');
    expect(findByCookie(new Set([id]))).toEqual([]);
  });
});

describe('options', () => {
  it('come from the environment', () => {
    expect(
      optionsFromEnv({
        CLOUDOPS_ENGINE_MAX_CONCURRENT: '3',
        CLOUDOPS_ENGINE_LOG_DIR: '/x',
        CLOUDOPS_ENGINE_AWS_ENDPOINT_URL: 'http://localhost:5000',
        OTHER: 'y',
      }),
    ).toEqual({ maxConcurrent: 3, logDir: '/x', awsCli: { endpointUrl: 'http://localhost:5000' } });
    expect(optionsFromEnv({})).toEqual({});
    // The pager and the retries of the CLI are the engine's to set.
    const forTheCli = { AWS_PROFILE: 'prod', AWS_CA_BUNDLE: '/ca.pem', https_proxy: 'http://p:1' };
    expect(
      optionsFromEnv({ ...forTheCli, AWS_PAGER: 'less', AWS_MAX_ATTEMPTS: '9', AWS_REGION: '' }),
    ).toEqual({ awsCli: { env: forTheCli } });
    expect(optionsFromEnv({ AWS_REGION: 'eu-west-1' })).toEqual({
      awsCli: { env: { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' } },
    });
    expect(
      optionsFromEnv({
        CLOUDOPS_ENGINE_SYNC_STATE: '1',
        CLOUDOPS_ENGINE_KEEPER: 'false',
        CLOUDOPS_ENGINE_RETENTION_MAX_COUNT: '10',
        CLOUDOPS_ENGINE_LOG_DIR: '',
      }),
    ).toEqual({ syncState: true, keeper: false, retention: { maxCount: 10 } });
    expect(() => optionsFromEnv({ CLOUDOPS_ENGINE_KEEPER: 'maybe' })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
  });

  it.each([
    { maxConcurrent: 0 },
    { killGraceMs: -1 },
    { maxCaptureBytes: 2 ** 40 },
    { onHostDeath: 'keep' as const },
    { awsCli: { endpointUrl: 'no url' } },
  ])('that are wrong are refused: %j', (options) => {
    expect(() => new ExecutionEngine(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
    expect(() => optionsFromEnv({ CLOUDOPS_ENGINE_KILL_GRACE_MS: 'soon' })).toThrow(/killGraceMs/u);
  });
});

describe('run with check', () => {
  it('throws what went wrong, with the result', async () => {
    const engine = await testEngine();
    const error = await engine
      .run({ command: sh('exit 4') }, { check: true })
      .catch((e: unknown) => e);
    expect(ExecutionError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'NONZERO_EXIT', details: { result: { exit_code: 4 } } });
    await expect(engine.run({ command: sh('true') }, { check: true })).resolves.toMatchObject({
      status: 'completed',
    });
  });
});

describe('events', () => {
  it('are what their schema says', async () => {
    const engine = await testEngine();
    const id = await engine.executePlan({
      strategy: { type: 'serial' },
      steps: [{ id: 'a', command: sh('echo out; echo err >&2; exit 1') }],
    });
    const events = await allEvents(engine, id);
    for (const event of events) expect(ExecutionEvent.parse(event)).toEqual(event);
    expect(new Set(events.map((event) => event.type)).size).toBe(5);
  });

  it('of what does not exist are an error', async () => {
    const engine = await testEngine();
    await expect(allEvents(engine, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
