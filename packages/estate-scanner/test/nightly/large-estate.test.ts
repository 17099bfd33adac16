import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EstateStore } from '../../src/ports.ts';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import type { DiscoveredResource } from '../../src/resource.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { listedScanner } from '../support/listed-scanner.ts';

/** Two batches on their way, ten that wait for others of their type, and the one that is being filled. */
const MOST_HELD = 1_300;
let estate: FakeEstate;
beforeAll(async () => {
  estate = await startFakeEstate();
});
afterAll(() => estate[Symbol.asyncDispose]());

/** Scans a made-up estate into a slow store that forgets everything. */
async function scanned(count: number): Promise<{ mostHeld: number; heapBytes: number }> {
  let [made, stored, mostHeld, heapBytes] = [0, 0, 0, 0];
  const before = process.memoryUsage().heapUsed;
  const store: EstateStore = {
    get: (keys) => Promise.resolve(keys.map(() => null)),
    async upsert(items) {
      await sleep(1);
      stored += items.length;
      heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed - before);
      return { created: items.map(({ record }) => record.key), changed: [], unchanged: [] };
    },
  };
  const things = function* (): Generator<DiscoveredResource> {
    for (; made < count; made += 1) {
      mostHeld = Math.max(mostHeld, made - stored);
      const attributes = { blob: `${made}`.repeat(400) };
      yield { resource_type: 'things:thing', id: `thing-${made}`, attributes };
    }
  };
  const registry = new ServiceScannerRegistry().register(
    listedScanner('things', 'things:thing', things),
  );
  const scanner = new EstateScanner({ engine: estate.engine, store, registry, iam: false });
  const report = await scanner.scan({ regions: ['eu-west-1'] });
  expect(report.counts).toMatchObject({ discovered: count, created: count });
  return { mostHeld, heapBytes };
}

describe('a large estate', () => {
  it('is never held in memory as a whole', { timeout: 300_000 }, async () => {
    await scanned(1_000);
    const small = await scanned(10_000);
    const large = await scanned(80_000);
    expect(small.mostHeld).toBeLessThanOrEqual(MOST_HELD);
    expect(large.mostHeld).toBeLessThanOrEqual(MOST_HELD);
    // Eight times the resources are 160 MB of blobs alone: what grows is the keys.
    expect(large.heapBytes).toBeLessThan(150 * 1024 * 1024);
  });
});
