/** A block of whole lines, or one fragment of a line that is too long to wait for. */
export interface Piece {
  bytes: Buffer;
  /** The line goes on in the next piece. */
  partial: boolean;
}

/** Where a line without an end is cut, 1 MB (facts of the engine's cases: fragments of at most 1 MB). */
export const LARGEST_FRAGMENT = 1024 * 1024;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Cuts a stream of chunks at newlines, without decoding: a newline byte occurs in UTF-8 only as a newline.
 *
 * What comes out, put together, is what went in, byte for byte.
 */
export class LineAssembler {
  readonly #limit: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /** @param limit where a line is cut, in bytes; at least 4, the longest UTF-8 sequence */
  constructor(limit = LARGEST_FRAGMENT) {
    this.#limit = limit;
  }

  /** Takes a chunk; gives what is complete. The chunk must not be changed afterwards. */
  push(chunk: Buffer): Piece[] {
    const pieces: Piece[] = [];
    const first = chunk.indexOf(NEWLINE);
    if (first === -1) {
      this.#keep(chunk);
      this.#cut(pieces);
      return pieces;
    }
    const last = chunk.lastIndexOf(NEWLINE);
    this.#keep(chunk.subarray(0, first + 1));
    // The waiting line and its end may be too long together.
    this.#cut(pieces);
    if (this.#pendingBytes === first + 1) {
      this.#take();
      pieces.push({ bytes: chunk.subarray(0, last + 1), partial: false });
    } else {
      if (this.#pendingBytes > 0) pieces.push({ bytes: this.#take(), partial: false });
      if (last > first) pieces.push({ bytes: chunk.subarray(first + 1, last + 1), partial: false });
    }
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1));
    this.#cut(pieces);
    return pieces;
  }

  /** The last line, where it has no newline. */
  end(): Piece[] {
    return this.#pendingBytes === 0 ? [] : [{ bytes: this.#take(), partial: false }];
  }

  #keep(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  #take(): Buffer {
    const [only] = this.#pending;
    const bytes =
      this.#pending.length === 1 && only !== undefined ? only : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return bytes;
  }

  #cut(pieces: Piece[]): void {
    if (this.#pendingBytes <= this.#limit) return;
    let rest = this.#take();
    while (rest.length > this.#limit) {
      const size = fragmentSize(rest, this.#limit);
      pieces.push({ bytes: rest.subarray(0, size), partial: true });
      rest = rest.subarray(size);
    }
    this.#keep(rest);
  }
}

/** The largest size up to `limit` that ends neither inside a UTF-8 sequence nor before the newline of a `\r\n`. */
export function fragmentSize(bytes: Buffer, limit: number): number {
  let size = limit;
  if (bytes[size - 1] === RETURN) size -= 1;
  for (let back = 0; back < 3; back += 1) {
    const next = bytes[size - back];
    // A byte 10xxxxxx continues a sequence; cutting before anything else is safe.
    if (next === undefined || (next & 0xc0) !== 0x80) return Math.max(1, size - back);
  }
  // Three continuation bytes: either the fourth back is their lead, or this is no UTF-8.
  return Math.max(1, size - 3);
}

/** Where each line of a piece ends, behind its newline; the last may end without one. */
export function lineEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  let from = 0;
  while (from < bytes.length) {
    const at = bytes.indexOf(NEWLINE, from);
    from = at === -1 ? bytes.length : at + 1;
    ends.push(from);
  }
  return ends;
}

/** The text of the line in `bytes` from `start` to `end`, without `\n` or `\r\n`. */
export function lineText(bytes: Buffer, start: number, end: number): string {
  let stop = end;
  if (stop > start && bytes[stop - 1] === NEWLINE) {
    stop -= 1;
    if (stop > start && bytes[stop - 1] === RETURN) stop -= 1;
  }
  return bytes.toString('utf8', start, stop);
}
