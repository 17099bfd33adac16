import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptsFor, delayMs } from '../../src/aws/retry.ts';

const policy = { maxAttempts: 8, initialDelayMs: 500, multiplier: 2, maxDelayMs: 20_000 };

describe('delayMs', () => {
  it('is a random part of a delay that doubles, and never more than the longest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const delay = delayMs(attempt, policy, () => random);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(20_000, 500 * 2 ** (attempt - 1)));
        },
      ),
    );
  });
});

describe('attemptsFor', () => {
  it('repeats throttling to the bound, a missing endpoint once, a refusal never', () => {
    expect(attemptsFor('throttled', policy)).toBe(8);
    expect(attemptsFor('server', policy)).toBe(8);
    expect(attemptsFor('connection', policy)).toBe(2);
    expect(attemptsFor('expired', policy)).toBe(2);
    expect(attemptsFor('denied', policy)).toBe(1);
    expect(attemptsFor('connection', { ...policy, maxAttempts: 1 })).toBe(1);
  });
});
