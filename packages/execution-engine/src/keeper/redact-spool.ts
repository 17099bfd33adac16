import { open } from 'node:fs/promises';
import { formsOf } from '../masking/forms.ts';
import { Matcher } from '../masking/matcher.ts';
import type { StreamName } from '../output/streams.ts';
import { FrameDecoder } from './spool.ts';
import type { SegmentPath } from './spool.ts';

const CHUNK_BYTES = 1024 * 1024;
const STAR = '*'.charCodeAt(0);
const NEWLINE = '\n'.charCodeAt(0);

/** Bytes of a stream, and where they are. */
interface Stretch {
  segment: number;
  offset: number;
  bytes: Buffer;
}

/**
 * Writes stars over secrets in a spool that nobody writes to any more. Every byte stays in its place, and so does every line.
 *
 * @param segments how many files it has
 * @param secrets their values; those too short to be masked are left
 */
export async function redactSpool(
  path: SegmentPath,
  segments: number,
  secrets: readonly string[],
): Promise<void> {
  const forms = new Set(secrets.flatMap((secret) => formsOf(secret)));
  const matcher = new Matcher([...forms].map((form) => Buffer.from(form)));
  if (matcher.longest === 0) return;
  const tails: Record<StreamName, Stretch[]> = { stdout: [], stderr: [] };
  for (let segment = 0; segment < segments; segment += 1) {
    const file = await open(path(segment), 'r+');
    try {
      const decoder = new FrameDecoder();
      const memory = Buffer.allocUnsafe(CHUNK_BYTES);
      for (let at = 0; ;) {
        const { bytesRead } = await file.read(memory, 0, CHUNK_BYTES, at);
        if (bytesRead === 0) break;
        const chunk = memory.subarray(0, bytesRead);
        let isChanged = false;
        for (const { stream, bytes } of decoder.push(chunk)) {
          const offset = at + bytes.byteOffset - chunk.byteOffset;
          const stretches = [...tails[stream], { segment, offset, bytes }];
          for (const changed of overwrite(stretches, matcher)) {
            if (changed.bytes === bytes) isChanged = true;
            else await writeBack(path, changed);
          }
          tails[stream] = lastOf(stretches, matcher.longest - 1);
        }
        if (isChanged) await file.write(chunk, 0, bytesRead, at);
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  }
}

/** The stretches that a secret was found in. */
function overwrite(stretches: readonly Stretch[], matcher: Matcher): Set<Stretch> {
  const changed = new Set<Stretch>();
  const text = Buffer.concat(stretches.map(({ bytes }) => bytes));
  matcher.scan(text, (start, end) => {
    let from = 0;
    for (const stretch of stretches) {
      const { bytes } = stretch;
      const last = Math.min(end - from, bytes.length);
      for (let at = Math.max(0, start - from); at < last; at += 1) {
        if (bytes[at] !== NEWLINE) bytes[at] = STAR;
        changed.add(stretch);
      }
      from += bytes.length;
    }
  });
  return changed;
}

/** The end of a stream, in memory of its own: a secret may go on in what comes next. */
function lastOf(stretches: readonly Stretch[], count: number): Stretch[] {
  const last: Stretch[] = [];
  let left = count;
  for (const { segment, offset, bytes } of stretches.toReversed()) {
    if (left <= 0) break;
    const cut = Math.max(0, bytes.length - left);
    last.unshift({ segment, offset: offset + cut, bytes: Buffer.from(bytes.subarray(cut)) });
    left -= bytes.length - cut;
  }
  return last;
}

async function writeBack(path: SegmentPath, { segment, offset, bytes }: Stretch): Promise<void> {
  const file = await open(path(segment), 'r+');
  try {
    await file.write(bytes, 0, bytes.length, offset);
  } finally {
    await file.close();
  }
}
