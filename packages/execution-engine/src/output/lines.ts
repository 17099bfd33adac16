/** A block of whole lines, or one fragment of a line that is too long to wait for. */
export interface Piece {
  bytes: Buffer;
  /** The line goes on in the next piece. */
  partial: boolean;
}

/** What is looked at behind a cut, so that no secret is cut in two: a session token and the name in front of it. */
export const LOOK_AHEAD = 16 * 1024;

/** Finds where to cut at or before `limit`. */
export type FindCut = (bytes: Buffer, limit: number) => number;

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
  readonly #lookAhead: number;
  readonly #findCut: FindCut;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /**
   * @param limit where a line is cut, in bytes; at least 4, the longest UTF-8 sequence
   * @param lookAhead how many bytes behind the limit are waited for before a line without an end is cut
   * @param findCut moves a cut back; it is given the bytes with what is known behind the limit
   */
  constructor(limit = LARGEST_FRAGMENT, lookAhead = 0, findCut: FindCut = (_bytes, cut) => cut) {
    this.#limit = limit;
    this.#lookAhead = lookAhead;
    this.#findCut = findCut;
  }

  /** Takes a chunk; gives what is complete, in the chunk's own memory where it can. Keeps copies only. */
  push(chunk: Buffer): Piece[] {
    const pieces: Piece[] = [];
    const first = chunk.indexOf(NEWLINE);
    if (first === -1) {
      this.#keep(Buffer.from(chunk));
      this.#cut(pieces, this.#limit + this.#lookAhead);
      return pieces;
    }
    const last = chunk.lastIndexOf(NEWLINE);
    this.#keep(chunk.subarray(0, first + 1));
    // The waiting line and its end may be too long together.
    this.#cut(pieces, this.#limit);
    if (this.#pendingBytes === first + 1) {
      this.#take();
      pieces.push({ bytes: chunk.subarray(0, last + 1), partial: false });
    } else {
      if (this.#pendingBytes > 0) pieces.push({ bytes: this.#take(), partial: false });
      if (last > first) pieces.push({ bytes: chunk.subarray(first + 1, last + 1), partial: false });
    }
    if (last + 1 < chunk.length) this.#keep(Buffer.from(chunk.subarray(last + 1)));
    this.#cut(pieces, this.#limit + this.#lookAhead);
    return pieces;
  }

  /** The last line, where it has no newline. */
  end(): Piece[] {
    const pieces: Piece[] = [];
    this.#cut(pieces, this.#limit);
    if (this.#pendingBytes > 0) pieces.push({ bytes: this.#take(), partial: false });
    return pieces;
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

  /** Cuts fragments off while there is more than `most`. */
  #cut(pieces: Piece[], most: number): void {
    if (this.#pendingBytes <= most) return;
    let rest = this.#take();
    while (rest.length > most) {
      const ahead = rest.subarray(0, this.#limit + this.#lookAhead);
      const size = fragmentSize(rest, this.#findCut(ahead, this.#limit));
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
