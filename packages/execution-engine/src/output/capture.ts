/** What a result holds of one stream. */
export interface Captured {
  text: string;
  truncated: boolean;
}

/**
 * Keeps the head and the tail of a stream, half of the bound each, in memory of at most about twice the bound.
 */
export class Capture {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #dropped = 0;

  /** @param limit bytes to keep in all */
  constructor(limit: number) {
    this.#headLimit = Math.ceil(limit / 2);
    this.#tailLimit = limit - this.#headLimit;
  }

  /** Takes the next bytes. */
  push(bytes: Buffer): void {
    const room = this.#headLimit - this.#headBytes;
    if (room > 0) {
      // A copy: a slice would keep the whole chunk that it was cut from in memory.
      const part = Buffer.from(bytes.subarray(0, room));
      this.#head.push(part);
      this.#headBytes += part.length;
    }
    if (bytes.length > room) this.#pushTail(bytes.subarray(Math.max(0, room)));
  }

  #pushTail(bytes: Buffer): void {
    const part =
      bytes.length > this.#tailLimit ? bytes.subarray(bytes.length - this.#tailLimit) : bytes;
    this.#dropped += bytes.length - part.length;
    if (part.length === 0) return;
    this.#tail.push(Buffer.from(part));
    this.#tailBytes += part.length;
    let first = this.#tail[0];
    while (first !== undefined && this.#tailBytes - first.length >= this.#tailLimit) {
      this.#tail.shift();
      this.#tailBytes -= first.length;
      this.#dropped += first.length;
      first = this.#tail[0];
    }
  }

  /** Head and tail as text, with a line between them that says how much was left out. */
  finish(): Captured {
    const head = Buffer.concat(this.#head);
    const all = Buffer.concat(this.#tail);
    const tail = all.subarray(Math.max(0, all.length - this.#tailLimit));
    const dropped = this.#dropped + all.length - tail.length;
    if (dropped === 0) {
      return { text: Buffer.concat([head, tail]).toString('utf8'), truncated: false };
    }
    return {
      text: `${head.toString('utf8')}\n… ${dropped} bytes left out …\n${tail.toString('utf8')}`,
      truncated: true,
    };
  }
}
