import { describe, expect, it } from 'vitest';
import { VectorCache } from '../../src/embedding/vector-cache.ts';

const vector = Float32Array.of(1);

describe('VectorCache', () => {
  it('drops the least recently used beyond its limit', () => {
    const cache = new VectorCache(2);
    cache.set('a', vector);
    cache.set('b', vector);
    cache.get('a');
    cache.set('c', vector);
    expect(cache.get('a')).toBe(vector);
    expect(cache.get('b')).toBeUndefined();
    expect(cache.get('c')).toBe(vector);
    expect(cache.size).toBe(2);
  });

  it('does not drop another entry when one is written again', () => {
    const cache = new VectorCache(2);
    cache.set('a', vector);
    cache.set('b', vector);
    cache.set('b', vector);
    expect(cache.get('a')).toBe(vector);
  });

  it('keeps nothing with a limit of 0', () => {
    const cache = new VectorCache(0);
    cache.set('a', vector);
    expect(cache.size).toBe(0);
  });
});
