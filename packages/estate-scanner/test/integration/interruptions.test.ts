import { getEventListeners } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EstateScannerOptions } from '../../src/options.ts';
import type { Embedder } from '../../src/ports.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { MemoryStore } from '../support/memory-store.ts';

const regions = ['eu-west-1'];
const services = ['vpc'];
let estate: FakeEstate;

beforeAll(async () => {
  estate = await startFakeEstate();
  await estate.aws.seedEstate({ resources: 60, regions });
});
afterEach(() => {
  estate.aws.faults.clear();
});
afterAll(async () => {
  await estate[Symbol.asyncDispose]();
});

function scannerWith(options: Partial<EstateScannerOptions>) {
  return new EstateScanner({ engine: estate.engine, iam: estate.iam, ...options });
}

const embedderOf = (embed: Embedder['embed']): Embedder => ({
  model: 'test',
  dimensions: 2,
  embed,
});

describe('a signal that outlives many scans', () => {
  it('has no listener left behind, and the scans beside each other are whole', async () => {
    const { signal } = new AbortController();
    const embedder = embedderOf((texts) => Promise.resolve(texts.map(() => Float32Array.of(1, 0))));
    const store = new MemoryStore();
    const scanner = scannerWith({ store, embedder, batchSize: 5 });
    const reports = await Promise.all([
      scanner.scan({ regions, services, signal }),
      scanner.scan({ regions, services: ['ec2'], signal }),
    ]);
    expect(reports.map(({ status }) => status)).toEqual(['complete', 'complete']);
    expect(store.records.size).toBe(
      reports.reduce((sum, { counts }) => sum + counts.discovered, 0),
    );
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('an abort', () => {
  it('does not wait for an embedder that does not heed it, and the report is not complete', async () => {
    const stop = new AbortController();
    const embedder = embedderOf(() => {
      stop.abort();
      return new Promise(() => undefined);
    });
    const scanning = scannerWith({ embedder, iam: false }).scan({
      regions,
      services,
      signal: stop.signal,
    });
    await expect(scanning).rejects.toMatchObject({
      code: 'ABORTED',
      details: { report: { status: 'partial', counts: { created: 0 } } },
    });
  });

  it('before anything was read says failed, not complete', async () => {
    const scanning = scannerWith({}).scan({ regions, signal: AbortSignal.abort() });
    await expect(scanning).rejects.toMatchObject({ details: { report: { status: 'failed' } } });
  });
});

describe('a store that fails on the third batch', () => {
  it('ends the scan with what was stored before', async () => {
    const store = new MemoryStore();
    const upsert = store.upsert.bind(store);
    let batches = 0;
    store.upsert = (items) => {
      batches += 1;
      return batches === 3 ? Promise.reject(new Error('disk full')) : upsert(items);
    };
    const scanning = scannerWith({ store, batchSize: 2, iam: false }).scan({ regions, services });
    await expect(scanning).rejects.toMatchObject({
      code: 'STORE_FAILED',
      details: { report: { status: 'failed', counts: { created: 4 } } },
    });
    expect(store.records.size).toBe(4);
  });
});

describe('IAM that does not answer', () => {
  it('is asked in vain once, not for every type and batch', async () => {
    estate.aws.faults.add({ kind: 'reset', service: 'iam' });
    const iam = { ...estate.iam, concurrency: 1, retry: { maxAttempts: 3, initialDelayMs: 1 } };
    const report = await scannerWith({ iam, batchSize: 2 }).scan({ regions, services });
    expect(report.status).toBe('complete');
    // Two batches are on their way at once.
    expect(report.iam_calls).toBeLessThanOrEqual(6);
    // Of the names of the account, and of the permissions.
    expect(report.errors).toEqual([
      expect.objectContaining({ level: 'warning', code: 'ConnectionClosed', kind: 'connection' }),
      expect.objectContaining({ level: 'warning', code: 'unreachable', kind: 'permissions' }),
    ]);
  });
});
