import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import type { WatchOutcome } from '../../src/scan/watch-scans.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { listedScanner } from '../support/listed-scanner.ts';
import { MemoryStore } from '../support/memory-store.ts';

let estate: FakeEstate;
beforeAll(async () => {
  estate = await startFakeEstate();
});
afterAll(() => estate[Symbol.asyncDispose]());

describe('watch', () => {
  it('scans again and again, one after the other, through failures, until it is aborted', async () => {
    const store = new MemoryStore();
    let scans = 0;
    let running = 0;
    const things = listedScanner('things', 'things:thing', async function* () {
      running += 1;
      expect(running).toBe(1);
      scans += 1;
      yield { resource_type: 'things:thing', id: `thing-${Math.min(scans, 2)}` };
      running -= 1;
    });
    const upsert = store.upsert.bind(store);
    store.upsert = (items) =>
      scans === 2 ? Promise.reject(new Error('disk full')) : upsert(items);
    const registry = new ServiceScannerRegistry().register(things);
    const scanner = new EstateScanner({ engine: estate.engine, store, registry, iam: false });
    const stop = new AbortController();
    const outcomes: WatchOutcome[] = [];
    const watching = scanner.watch({ regions: ['eu-west-1'], every: 1000, signal: stop.signal });
    for await (const outcome of watching) {
      outcomes.push(outcome);
      if (outcomes.length === 3) stop.abort();
    }
    expect(outcomes.map(({ error, report }) => error?.code ?? report?.status)).toEqual([
      'complete',
      'STORE_FAILED',
      'complete',
    ]);
    expect(outcomes[2]?.report?.differences).toMatchObject({
      created: ['123456789012-eu-west-1-things:thing/thing-2'],
      missing: ['123456789012-eu-west-1-things:thing/thing-1'],
    });
  });

  it('refuses at once what no later scan would do better', async () => {
    const scanner = new EstateScanner({ engine: estate.engine, iam: false });
    const hasty = async () => scanner.watch({ every: 10 }).next();
    await expect(hasty()).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(scanner.watch({ every: 1000, services: ['x'] }).next()).rejects.toMatchObject({
      code: 'UNKNOWN_SERVICE',
    });
  });
});
