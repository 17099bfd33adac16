import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineCount, lineTexts } from '../../../src/output/line-texts.ts';

/** What other programs take for the end of a line: U+2028, U+2029, NEL, vertical tab, form feed, a lone return. */
const NO_ENDS = ['\u2028', '\u2029', '\u0085', '\v', '\f', '\r'];

function texts(text: string): string[] {
  return [...lineTexts(Buffer.from(text))].flat();
}

describe('lines', () => {
  it('end at a newline, with or without a return before it, and nowhere else', () => {
    expect(texts('a\nb\r\n\n€')).toEqual(['a', 'b', '', '€']);
    expect(texts('10%\r20%\n')).toEqual(['10%\r20%']);
    for (const character of NO_ENDS) {
      expect(texts(`a${character}b\nc${character}`)).toEqual([`a${character}b`, `c${character}`]);
    }
  });

  it('are those of the whole text, also where it is decoded in several blocks', () => {
    const piece = fc.oneof(
      fc.constantFrom('\n', '\r\n', '€', '\0', ...NO_ENDS),
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 1, max: 9000 }).map((size) => 'x'.repeat(size)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('').toWellFormed();
        const wanted = text
          .split('\n')
          .map((line, at, all) =>
            at < all.length - 1 && line.endsWith('\r') ? line.slice(0, -1) : line,
          );
        if (wanted.at(-1) === '') wanted.pop();
        expect(texts(text)).toEqual(wanted);
        expect(lineCount(Buffer.from(text))).toBe(wanted.length);
      }),
    );
  });

  it('with bytes that are no UTF-8 are those of each line alone', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 400 }), (arrays) => {
        const lines = arrays.map((array) => Buffer.from(array.filter((byte) => byte !== 10)));
        const all = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
        expect([...lineTexts(all)].flat()).toEqual(
          lines.map((line) => line.toString().replace(/\r$/u, '')),
        );
      }),
    );
  });
});
