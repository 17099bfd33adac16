/** What a result holds of one stream. */
export interface Captured {
  text: string;
  truncated: boolean;
}

/** Keeps the head and the tail of a stream, half of the bound each, in memory of at most about twice the bound. */
export class Capture {
  readonly #headLimit: number;
  readonly #head = new GrowingBytes();
  readonly #tail: Tail;

  /** @param limit bytes to keep in all */
  constructor(limit: number) {
    this.#headLimit = Math.ceil(limit / 2);
    this.#tail = new Tail(limit - this.#headLimit);
  }

  /** Takes a copy of what it keeps of the next bytes. */
  push(bytes: Buffer): void {
    const room = this.#headLimit - this.#head.size;
    if (room > 0) this.#head.push(bytes.subarray(0, room));
    if (bytes.length > room) this.#tail.push(bytes.subarray(room));
  }

  /** Head and tail as text, with a line between them that says how much was left out. */
  finish(): Captured {
    const head = this.#head.bytes();
    const tail = this.#tail.bytes();
    const { dropped } = this.#tail;
    if (dropped === 0) {
      return { text: Buffer.concat([head, tail]).toString('utf8'), truncated: false };
    }
    return {
      text: `${head.toString('utf8')}\n… ${dropped} bytes left out …\n${tail.toString('utf8')}`,
      truncated: true,
    };
  }
}

/** Bytes that are added at the end, in memory that doubles. */
class GrowingBytes {
  #memory = Buffer.alloc(0);
  size = 0;

  push(bytes: Buffer): void {
    const needed = this.size + bytes.length;
    if (needed > this.#memory.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#memory.length * 2));
      this.#memory.copy(grown, 0, 0, this.size);
      this.#memory = grown;
    }
    bytes.copy(this.#memory, this.size);
    this.size = needed;
  }

  bytes(): Buffer {
    return this.#memory.subarray(0, this.size);
  }
}

/** The last bytes, up to a limit. */
class Tail {
  readonly #limit: number;
  #filling = new GrowingBytes();
  /** Once there is more than the limit: a ring, whose oldest byte is at `#oldest`. */
  #ring: Buffer | null = null;
  #oldest = 0;
  dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(bytes: Buffer): void {
    if (this.#ring === null && this.#filling.size + bytes.length <= this.#limit) {
      this.#filling.push(bytes);
      return;
    }
    const ring = (this.#ring ??= this.#close());
    const last = bytes.subarray(Math.max(0, bytes.length - this.#limit));
    this.dropped += bytes.length;
    const fits = last.copy(ring, this.#oldest);
    last.copy(ring, 0, fits);
    this.#oldest = this.#limit === 0 ? 0 : (this.#oldest + last.length) % this.#limit;
  }

  bytes(): Buffer {
    const ring = this.#ring;
    if (ring === null) return this.#filling.bytes();
    return Buffer.concat([ring.subarray(this.#oldest), ring.subarray(0, this.#oldest)]);
  }

  /** What there is becomes the end of the ring, so that it is overwritten last. */
  #close(): Buffer {
    const ring = Buffer.allocUnsafeSlow(this.#limit);
    const start = this.#limit - this.#filling.size;
    this.#filling.bytes().copy(ring, start);
    this.dropped = -start;
    this.#filling = new GrowingBytes();
    return ring;
  }
}
