import { describe, expect, it } from 'vitest';
import { type Decisions, MemoryPermissionCache } from '../../src/iam/cache.ts';

const decisions: Decisions = {
  allowed: ['a'],
  denied: [],
  conditional: [],
  evaluated_at: '2026-01-01T00:00:00.000Z',
};

describe('MemoryPermissionCache', () => {
  it('answers in the order of the keys, null where it knows nothing', async () => {
    const cache = new MemoryPermissionCache();
    await cache.set([{ key: 'x', decisions, expiresAtMs: 100 }]);
    expect(await cache.get(['y', 'x'], 99)).toEqual([null, decisions]);
  });

  it('forgets an entry from the moment it expires', async () => {
    const cache = new MemoryPermissionCache();
    await cache.set([{ key: 'x', decisions, expiresAtMs: 100 }]);
    expect(await cache.get(['x'], 100)).toEqual([null]);
  });

  it('drops the least recently used beyond its limit', async () => {
    const cache = new MemoryPermissionCache(2);
    const entry = (key: string) => ({ key, decisions, expiresAtMs: 100 });
    await cache.set([entry('a'), entry('b')]);
    await cache.get(['a'], 0);
    await cache.set([entry('c')]);
    expect(await cache.get(['a', 'b', 'c'], 0)).toEqual([decisions, null, decisions]);
  });
});
