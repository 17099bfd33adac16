import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, isJson } from '../../src/json.ts';

it('writes equal values equally, whatever the order of their keys', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: 1 })).toBe(
    '{"a":1,"b":[1,{"c":"x","d":null}]}',
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      if (!isJson(value)) throw new Error('jsonValue is JSON');
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it('tells JSON from what JSON would change', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  for (const value of [
    undefined,
    Number.NaN,
    Infinity,
    1n,
    new Date(),
    cycle,
    { a: undefined },
    () => 1,
    new Map(),
  ]) {
    expect(isJson(value)).toBe(false);
  }
  for (const value of [null, 0, '', [], {}, { a: [{ b: null }] }, Object.create(null)]) {
    expect(isJson(value)).toBe(true);
  }
});
