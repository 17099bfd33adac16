import { expect, it } from 'vitest';
import { latestHistory } from '../../src/backends/qdrant/payloads.ts';

const entries = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => ({
    at: `2026-01-01T00:00:${String(index).padStart(2, '0')}.000Z`,
    scan_id: null,
    sealed: new Uint8Array(bytes),
  }));

it('keeps the latest hundred changes, and of large ones what a request has room for', () => {
  expect(latestHistory([])).toEqual([]);
  expect(latestHistory(entries(130, 10))).toEqual(entries(130, 10).slice(-100));
  expect(latestHistory(entries(10, 2_000_000))).toEqual(entries(10, 2_000_000).slice(-3));
  expect(latestHistory(entries(4, 20_000_000))).toEqual(entries(4, 20_000_000).slice(-1));
});
