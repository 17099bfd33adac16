import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareText, fuseRankings } from '../../src/ranking.ts';

const ranking = (scores: Record<string, number>) =>
  Object.entries(scores).map(([key, score]) => ({ key, score }));

it('gives what is first by meaning and whole by words the score 1', () => {
  const fused = fuseRankings(ranking({ a: 1, b: 0.4 }), ranking({ a: 1, c: 0.2 }));
  expect(fused[0]).toEqual({ key: 'a', score: 1 });
});

it('keeps what one ranking alone is sure of before what both know a little', () => {
  const meaning = ranking({ sure: 0.6, both: 0.3, low: 0.2 });
  expect(fuseRankings(meaning, ranking({ both: 0.2 }))[0]?.key).toBe('sure');
  expect(fuseRankings(meaning, ranking({ exact: 1, both: 0.2 }))[0]?.key).toBe('exact');
});

it('takes what only words found for as far as the farthest that is known', () => {
  const fused = fuseRankings(ranking({ a: 0.9, b: 0.3 }), ranking({ c: 0.2 }));
  expect(fused.map(({ key }) => key)).toEqual(['a', 'c', 'b']);
  expect(fused[1]?.score).toBeCloseTo(0.4 / 1.5);
});

it('orders ties by key, and keeps the order of one ranking where the other is empty', () => {
  const fused = fuseRankings(ranking({ b: 0.5, a: 0.5 }), []);
  expect(fused.map(({ key }) => key)).toEqual(['a', 'b']);
  const words = fuseRankings([], ranking({ y: 0.9, x: 0.1 }));
  expect(words.map(({ key }) => key)).toEqual(['y', 'x']);
  expect(fuseRankings([], [])).toEqual([]);
});

it('orders text as its UTF-8 bytes', () => {
  const text = fc.string({ unit: 'binary', maxLength: 6 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
