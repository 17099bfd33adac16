import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesByLength } from '../../src/embedding/batches.ts';

describe('batchesByLength', () => {
  it('keeps every text once, in batches of at most 32 that stay inside their window', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 40 }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 150 }),
        (texts, windowSize) => {
          const items = texts.map((text, index) => ({ text, index }));
          const batches = batchesByLength(items, windowSize);
          const seen = batches.flat().map(({ index }) => index);
          expect(seen.toSorted((a, b) => a - b)).toEqual(items.map(({ index }) => index));
          for (const batch of batches) {
            expect(batch.length).toBeGreaterThan(0);
            expect(batch.length).toBeLessThanOrEqual(32);
            const windows = new Set(batch.map(({ index }) => Math.floor(index / windowSize)));
            expect(windows.size).toBe(1);
          }
        },
      ),
    );
  });

  it('puts texts of like length together', () => {
    const items = Array.from({ length: 64 }, (_, i) => ({
      text: 'x'.repeat(i % 2 === 0 ? 5 : 500),
    }));
    const batches = batchesByLength(items, 100);
    const lengths = batches.map((batch) =>
      Array.from(new Set(batch.map(({ text }) => text.length))),
    );
    expect(lengths).toEqual([[5], [500]]);
  });

  it('divides a window evenly instead of leaving a small rest', () => {
    const items = Array.from({ length: 100 }, () => ({ text: 'a' }));
    expect(batchesByLength(items, 100).map((batch) => batch.length)).toEqual([25, 25, 25, 25]);
  });
});
