import type { StreamName } from '../output/streams.ts';
import { FRAME_HEADER_BYTES, STREAM_CODES } from './spool.ts';

const BLOCK_BYTES = 256 * 1024;

/** More than these are left to the garbage collector: 4 MiB. */
const MOST_SPARE = 16;

const spare: Buffer[] = [];

/** Frames on their way to a spool, in memory that is used again. */
export class SpoolBlock {
  readonly #buffer = spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #used = 0;
  /** The last frame, to which more of the same stream is added. */
  #stream: StreamName | null = null;
  #frame = 0;

  /** What is in it. */
  get frames(): Buffer {
    return this.#buffer.subarray(0, this.#used);
  }

  /** Copies as much of a chunk as fits, and tells how much that was. */
  add(stream: StreamName, chunk: Buffer): number {
    const header = this.#stream === stream ? 0 : FRAME_HEADER_BYTES;
    const size = Math.min(chunk.length, BLOCK_BYTES - this.#used - header);
    if (size <= 0) return 0;
    if (header > 0) {
      this.#stream = stream;
      this.#frame = this.#used;
      this.#buffer.writeUInt8(STREAM_CODES[stream], this.#frame);
      this.#buffer.writeUInt32LE(0, this.#frame + 1);
      this.#used += header;
    }
    chunk.copy(this.#buffer, this.#used, 0, size);
    this.#used += size;
    this.#buffer.writeUInt32LE(this.#used - this.#frame - FRAME_HEADER_BYTES, this.#frame + 1);
    return size;
  }

  /** Gives the memory back; it must not be used any more. */
  release(): void {
    if (spare.length < MOST_SPARE) spare.push(this.#buffer);
  }
}
