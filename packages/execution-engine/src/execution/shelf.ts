import type { KeptResult } from './kept-result.ts';

/** What the results of an engine hold of output in memory, all together. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Not worth a look into the log. */
const SMALL_BYTES = 16 * 1024;

/**
 * Bounds what ended executions keep in memory: beyond the bound, the oldest results let go of their output. The newest is left
 * alone, and nothing is put away before those who wait for a result have got it.
 */
export class Shelf {
  readonly #mostBytes: number;
  readonly #held: KeptResult[] = [];
  #bytes = 0;

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** Takes in a result that has just become known. */
  add(kept: KeptResult): void {
    if (kept.heldBytes < SMALL_BYTES) return;
    this.#held.push(kept);
    this.#bytes += kept.heldBytes;
    if (this.#bytes > this.#mostBytes) setImmediate(() => this.#putAway());
  }

  #putAway(): void {
    while (this.#bytes > this.#mostBytes && this.#held.length > 1) {
      const oldest = this.#held.shift();
      this.#bytes -= oldest?.heldBytes ?? 0;
      oldest?.putAway();
    }
  }
}
