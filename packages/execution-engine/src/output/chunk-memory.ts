/** Larger reads mean fewer of everything that is done for each; what is done for one is over within some milliseconds. */
export const CHUNK_BYTES = 512 * 1024;

/** More than these are left to the garbage collector: 8 MiB. */
const MOST_SPARE = 16;

/**
 * Memory for output that passes through, used again and again: V8 collects all garbage about every 13 MB of new buffers, which
 * took a third of the time that output took.
 *
 * Whoever needs a chunk longer than a call holds it, and releases it once for each time. What is never released is only not
 * used again. Memory that is not from here is left alone, so that nobody has to know where a chunk is from.
 */
const holders = new WeakMap<ArrayBufferLike, number>();
const spare: Buffer[] = [];

/** Memory of `CHUNK_BYTES`, held once. */
export function takeChunk(): Buffer {
  const chunk = spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  holders.set(chunk.buffer, 1);
  return chunk;
}

/** Keeps the memory behind `bytes` as it is until it is released. */
export function holdChunk(bytes: Buffer): void {
  const count = holders.get(bytes.buffer);
  if (count !== undefined) holders.set(bytes.buffer, count + 1);
}

/** The memory behind `bytes` is not needed any more, at least not by this holder. */
export function releaseChunk(bytes: Buffer): void {
  const count = holders.get(bytes.buffer);
  if (count === undefined) return;
  if (count > 1) {
    holders.set(bytes.buffer, count - 1);
    return;
  }
  holders.delete(bytes.buffer);
  if (spare.length < MOST_SPARE) spare.push(Buffer.from(bytes.buffer));
}
