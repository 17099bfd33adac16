import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { redactSpool } from '../../../src/keeper/redact-spool.ts';
import { SpoolBlock } from '../../../src/keeper/spool-blocks.ts';
import { FrameDecoder } from '../../../src/keeper/spool.ts';
import type { StreamName } from '../../../src/output/streams.ts';
import { temporaryFolder } from '../../engine.ts';

const SECRET = 'correct-horse\nbattery';

const part = fc.record({
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  text: fc.oneof(
    fc.constantFrom('correct-horse', 'battery', SECRET, 'correct-', 'horse', 'Y29ycmVjd', '\n'),
    fc.string({ maxLength: 5 }),
  ),
});

function framed(parts: readonly { stream: StreamName; text: string }[]): Buffer {
  // A block of its own for each: frames as short as they come.
  const blocks = parts.map(({ stream, text }) => {
    const block = new SpoolBlock();
    block.add(stream, Buffer.from(text));
    return block;
  });
  return Buffer.concat(blocks.map((block) => block.frames));
}

function textOf(spool: Buffer, stream: StreamName): string {
  const parts = new FrameDecoder().push(spool).filter((found) => found.stream === stream);
  return Buffer.concat(parts.map(({ bytes }) => bytes)).toString();
}

it('stars stand for secrets in a spool, however it is cut into frames and files, and nothing else moves', async () => {
  const folder = await temporaryFolder();
  const path = (segment: number) => join(folder, `${segment}.spool`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(part, { maxLength: 12 }), { minLength: 1, maxLength: 3 }),
      async (segments) => {
        const before = segments.map(framed);
        await Promise.all(before.map((spool, at) => writeFile(path(at), spool)));
        await redactSpool(path, segments.length, [SECRET, 'no']);
        const after = await Promise.all(segments.map((_, at) => readFile(path(at))));
        for (const stream of ['stdout', 'stderr'] as const) {
          const was = textOf(Buffer.concat(before), stream);
          const is = textOf(Buffer.concat(after), stream);
          expect(is).not.toContain('correct-horse');
          expect(is).not.toContain('battery');
          expect(is.length).toBe(was.length);
          const uncovered = is.replaceAll(/\*/gu, (_star, at: number) => was.charAt(at));
          expect(uncovered).toBe(was);
          const holdsOne = /correct-horse|battery|Y29ycmVjd/u.test(was);
          expect(is === was || holdsOne).toBe(true);
        }
      },
    ),
    { numRuns: 200 },
  );
});
