import { expect, it } from 'vitest';
import { latestHistory } from '../../src/backends/qdrant/payloads.ts';

const entries = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => ({
    at: String(index),
    scan_id: null,
    sealed: new Uint8Array(bytes),
  }));

it('keeps the latest hundred changes, and of large ones what a request has room for', () => {
  const kept = (count: number, bytes: number) =>
    latestHistory(entries(count, bytes)).map(({ at }) => Number(at));
  expect(kept(0, 0)).toEqual([]);
  expect(kept(130, 10)).toEqual(Array.from({ length: 100 }, (_, index) => 30 + index));
  expect(kept(10, 2_000_000)).toEqual([7, 8, 9]);
  expect(kept(4, 20_000_000)).toEqual([3]);
});
