import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareText, fuseRankings } from '../../src/ranking.ts';

const ranking = (...keys: string[]) => keys.map((key) => ({ key, score: 0 }));

it('puts what is first everywhere first, with the score 1', () => {
  const fused = fuseRankings([ranking('a', 'b', 'c'), ranking('a', 'c', 'd')]);
  expect(fused.map((entry) => entry.key)).toEqual(['a', 'c', 'b', 'd']);
  expect(fused[0]).toEqual({ key: 'a', score: 1, ranks: [1, 1] });
  expect(fused[3]?.ranks).toEqual([null, 3]);
});

it('orders ties by key', () => {
  const fused = fuseRankings([ranking('b', 'x'), ranking('a', 'y')]);
  expect(fused.map((entry) => entry.key)).toEqual(['a', 'b', 'x', 'y']);
});

it('fuses nothing to nothing', () => {
  expect(fuseRankings([[], []])).toEqual([]);
});

it('orders text as its UTF-8 bytes', () => {
  const text = fc.string({ unit: 'binary', maxLength: 6 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
