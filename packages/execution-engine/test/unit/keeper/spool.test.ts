import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { SpoolBlock } from '../../../src/keeper/spool-blocks.ts';
import { FrameDecoder } from '../../../src/keeper/spool.ts';
import type { SpoolPart } from '../../../src/keeper/spool.ts';

function blocksOf(parts: readonly SpoolPart[]): SpoolBlock[] {
  const blocks = [new SpoolBlock()];
  for (const { stream, bytes } of parts) {
    let added = 0;
    while (added < bytes.length) {
      const size = blocks.at(-1)?.add(stream, bytes.subarray(added)) ?? 0;
      if (size === 0) blocks.push(new SpoolBlock());
      added += size;
    }
  }
  return blocks;
}

function joined(parts: readonly SpoolPart[], stream: string): Buffer {
  return Buffer.concat(parts.flatMap((part) => (part.stream === stream ? [part.bytes] : [])));
}

const part = fc.record({
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  bytes: fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 150_000 }))
    .map(([byte, size]) => Buffer.alloc(size, byte)),
});

it('a spool gives back each stream as it was, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 8 }),
      fc.integer({ min: 1, max: 300_000 }),
      (parts, cut) => {
        const blocks = blocksOf(parts);
        const spool = Buffer.concat(blocks.map((block) => block.frames));
        // Memory that is used again must not matter to what was written before.
        for (const block of blocks) block.release();
        const decoder = new FrameDecoder();
        const found: SpoolPart[] = [];
        for (let at = 0; at < spool.length; at += cut) {
          found.push(...decoder.push(spool.subarray(at, at + cut)));
        }
        for (const stream of ['stdout', 'stderr']) {
          expect(joined(found, stream).equals(joined(parts, stream))).toBe(true);
        }
      },
    ),
    { numRuns: 50 },
  );
});
