import { expect, it } from 'vitest';
import { keywordQuery, wordsOf } from '../../src/keyword-query.ts';

it('reads words without accents, case and signs', () => {
  expect(wordsOf('Café, ZÜRICH — i-0abc "x"_y 日本')).toEqual([
    'cafe',
    'zurich',
    'i',
    '0abc',
    'x',
    'y',
    '日本',
  ]);
  expect(wordsOf('😀 " * ()')).toEqual([]);
});

it('tells identifiers and ARNs from words', () => {
  expect(keywordQuery('stop i-0ABC in arn:aws:ec2:EU and the web')).toEqual({
    words: ['stop', 'i', '0abc', 'arn', 'aws', 'ec2', 'eu', 'web'],
    identifiers: ['i-0abc', 'arn:aws:ec2:eu'],
    arns: ['arn:aws:ec2:EU'],
  });
});

it('leaves out words that only hold a question together, unless there are no others', () => {
  expect(keywordQuery('who owns the nightly etl').words).toEqual(['owns', 'nightly', 'etl']);
  expect(keywordQuery('what is this').words).toEqual(['what', 'is', 'this']);
});

it('bounds what one query may ask', () => {
  const query = keywordQuery(Array.from({ length: 500 }, (_, index) => `word-${index}`).join(' '));
  expect(query.words.length).toBe(24);
  expect(query.identifiers.length).toBe(24);
});
