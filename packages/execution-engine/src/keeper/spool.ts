import type { StreamName } from '../output/streams.ts';

/**
 * A spool is what a process has put out, both streams together in order of arrival: frames of one byte for the
 * stream (1 stdout, 2 stderr), four bytes for the length (little endian), and the bytes.
 */
export const FRAME_HEADER_BYTES = 5;

/**
 * A spool goes on in another file after about so many bytes, so that what was read can be removed while its process runs.
 * Everything of a frame is in one file.
 */
export const SEGMENT_BYTES = 64 * 1024 * 1024;

/** The path of one file of a spool. */
export type SegmentPath = (segment: number) => string;

/** The first byte of a frame. */
export const STREAM_CODES: Readonly<Record<StreamName, number>> = { stdout: 1, stderr: 2 };

/** A stretch of one stream. */
export interface SpoolPart {
  stream: StreamName;
  bytes: Buffer;
}

/** Takes a spool apart, however it is cut. Hands on the bytes of a frame that is not complete yet as well. */
export class FrameDecoder {
  #header: Buffer = Buffer.alloc(0);
  #stream: StreamName = 'stdout';
  #left = 0;

  /** The parts in a chunk; they share its memory. */
  push(chunk: Buffer): SpoolPart[] {
    const parts: SpoolPart[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#left === 0) {
        const wanted = FRAME_HEADER_BYTES - this.#header.length;
        this.#header = Buffer.concat([this.#header, chunk.subarray(at, at + wanted)]);
        at += Math.min(wanted, chunk.length - at);
        if (this.#header.length < FRAME_HEADER_BYTES) break;
        this.#stream = this.#header.readUInt8(0) === STREAM_CODES.stderr ? 'stderr' : 'stdout';
        this.#left = this.#header.readUInt32LE(1);
        this.#header = Buffer.alloc(0);
        continue;
      }
      const bytes = chunk.subarray(at, at + this.#left);
      parts.push({ stream: this.#stream, bytes });
      this.#left -= bytes.length;
      at += bytes.length;
    }
    return parts;
  }
}
