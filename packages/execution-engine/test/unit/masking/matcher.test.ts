import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Matcher } from '../../../src/masking/matcher.ts';

/** Few different characters, so that patterns overlap, repeat and nearly match. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 2, maxLength: 8 });

it('finds every place of every pattern, as a search for each alone does', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { minLength: 1, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'é', 'x'), maxLength: 80 }),
      (patterns, text) => {
        const bytes = Buffer.from(text);
        const found: string[] = [];
        new Matcher(patterns.map((pattern) => Buffer.from(pattern))).scan(bytes, (start, end) => {
          found.push(`${start}-${end}`);
        });
        const wanted = patterns.flatMap((pattern) => {
          const places: string[] = [];
          for (let at = bytes.indexOf(pattern); at !== -1; at = bytes.indexOf(pattern, at + 1)) {
            places.push(`${at}-${at + Buffer.byteLength(pattern)}`);
          }
          return places;
        });
        expect(found.sort()).toEqual(wanted.sort());
      },
    ),
    { numRuns: 500 },
  );
});
