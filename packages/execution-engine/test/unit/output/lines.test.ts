import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineCount, lineTexts } from '../../../src/output/line-texts.ts';
import { LineAssembler, fragmentSize } from '../../../src/output/lines.ts';
import type { Piece } from '../../../src/output/lines.ts';

function assemble(chunks: readonly Uint8Array[], limit?: number): Piece[] {
  const lines = new LineAssembler(limit);
  return [...chunks.flatMap((chunk) => lines.push(Buffer.from(chunk))), ...lines.end()];
}

function texts(pieces: readonly Piece[]): string[] {
  const found: string[] = [];
  let open = '';
  for (const { bytes, partial } of pieces) {
    for (const line of [...lineTexts(bytes)].flat()) {
      open += line;
      if (!partial) {
        found.push(open);
        open = '';
      }
    }
  }
  return open === '' ? found : [...found, open];
}

/** Bytes with more newlines, returns and high bytes than chance would give. */
const bytes = fc
  .uint8Array({ maxLength: 200 })
  .map((array) => array.map((byte) => (byte % 5 === 0 ? 0x0a : byte % 7 === 0 ? 0x0d : byte)));

describe('lines', () => {
  it('put together are the bytes that went in, however they were cut', () => {
    fc.assert(
      fc.property(fc.array(bytes), fc.integer({ min: 4, max: 300 }), (chunks, limit) => {
        const pieces = assemble(chunks, limit);
        expect(Buffer.concat(pieces.map((piece) => piece.bytes))).toEqual(Buffer.concat(chunks));
      }),
    );
  });

  it('are the same whatever the chunks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), (text, size) => {
        const all = Buffer.from(text);
        const chunks: Buffer[] = [];
        for (let at = 0; at < all.length; at += size) chunks.push(all.subarray(at, at + size));
        expect(texts(assemble(chunks))).toEqual(texts(assemble([all])));
        expect(texts(assemble(chunks, 8))).toEqual(texts(assemble([all])));
      }),
    );
  });

  it('hold exactly one newline each, at the end', () => {
    fc.assert(
      fc.property(fc.array(bytes), (chunks) => {
        const pieces = assemble(chunks);
        for (const piece of pieces.slice(0, -1)) expect(piece.bytes.at(-1)).toBe(0x0a);
        const count = pieces.reduce((sum, piece) => sum + lineCount(piece.bytes), 0);
        const all = Buffer.concat(chunks).toString('latin1');
        expect(count).toBe(all === '' ? 0 : all.split('\n').length - (all.endsWith('\n') ? 1 : 0));
      }),
    );
  });

  it('are cut into fragments that end between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 20 }), (text) => {
        const line = Buffer.from(text.replaceAll('\n', ''));
        for (const piece of assemble([line], 16)) {
          expect(piece.bytes.length).toBeLessThanOrEqual(16);
          expect(Buffer.from(piece.bytes.toString('utf8'))).toEqual(piece.bytes);
        }
      }),
    );
  });

  it('never make an empty fragment, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 9, maxLength: 40 }), (array) => {
        const size = fragmentSize(Buffer.from(array), 8);
        expect(size).toBeGreaterThan(0);
        expect(size).toBeLessThanOrEqual(8);
      }),
    );
  });
});
