import { describe, expect, it } from 'vitest';
import { pooled } from '../../src/embedding/pooling.ts';

const tokens = Float32Array.of(1, 0, 5, 8);

describe('pooled', () => {
  it('is the mean of the tokens, brought to length 1', () => {
    expect(Array.from(pooled(tokens, 2, 'mean'))).toEqual([Math.fround(0.6), Math.fround(0.8)]);
  });

  it('is the first token where the model wants that', () => {
    expect(Array.from(pooled(tokens, 2, 'cls'))).toEqual([1, 0]);
  });

  it('stays finite where there is nothing to divide by', () => {
    expect(Array.from(pooled(Float32Array.of(1, -1), 1, 'mean'))).toEqual([0]);
  });

  it('leaves the tokens as they were', () => {
    const before = Array.from(tokens);
    pooled(tokens, 2, 'mean');
    expect(Array.from(tokens)).toEqual(before);
  });
});
