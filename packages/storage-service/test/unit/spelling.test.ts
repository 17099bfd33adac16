import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { respelled, unmatchedWords } from '../../src/spelling.ts';

const texts = ['production checkout database', 'grafana server', 'payments gateway'];

describe('unmatchedWords', () => {
  it('are those of letters that nothing has, and long enough to guess from', () => {
    const words = ['databse', 'of', 'web', 'i0ab12', 'prod'];
    expect(unmatchedWords(words, [['prod'], []])).toEqual(['databse']);
  });
});

describe('respelled', () => {
  it.each([
    ['databse for paymnets', ['databse', 'paymnets'], 'database for payments'],
    ['Prodution CHEKOUT web', ['prodution', 'chekout'], 'production checkout web'],
    ['grafna', ['grafna'], 'grafana'],
    ['all servers', ['servers'], 'all server'],
    ['i-0ab12 checkuot', ['checkuot'], 'i-0ab12 checkout'],
  ])('reads %j as it is written elsewhere', (search, unmatched, expected) => {
    expect(respelled(search, unmatched, texts)).toBe(expected);
  });

  it('leaves alone what is like nothing, or begins with another letter', () => {
    expect(respelled('mailbox', ['mailbox'], texts)).toBeNull();
    expect(respelled('tatabase', ['tatabase'], texts)).toBeNull();
    expect(respelled('load', ['load'], ['road', 'lead'])).toBe('lead');
    expect(respelled('anything', [], texts)).toBeNull();
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (search, words) => {
        const result = respelled(search, unmatchedWords(words, []), [search, ...texts]);
        expect(result === null || result.length > 0).toBe(true);
      }),
    );
  });
});
