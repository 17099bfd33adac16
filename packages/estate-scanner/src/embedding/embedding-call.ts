import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MOST_CHARACTERS } from './model.ts';
import type { VectorCache } from './vector-cache.ts';

/** A text that has to be computed, and where its vector belongs. */
export interface MissingText {
  text: string;
  hash: string;
  position: number;
}

/** Copies of vectors made in one turn of the event loop: less than a millisecond. */
const COPIES_PER_TURN = 500;

/** One call of `embed`: which of its texts have to be computed, and what there is of its vectors. */
export class EmbeddingCall {
  readonly #texts: readonly string[];
  readonly #cache: VectorCache;
  readonly #vectors: Float32Array[] = [];
  readonly #firstPositions = new Map<string, number>();
  readonly #repeated: { from: number; to: number }[] = [];

  constructor(texts: readonly string[], cache: VectorCache) {
    // The caller may change its array while the call runs.
    this.#texts = [...texts];
    this.#cache = cache;
  }

  /**
   * What is missing of every `size` texts, looked at when it is asked for. Empty where all are known: whoever reads should then
   * leave the event loop a turn, since ten thousand hashes in a row would hold it up.
   */
  *portions(size: number): Generator<MissingText[]> {
    for (let start = 0; start < this.#texts.length; start += size) {
      const missing: MissingText[] = [];
      for (const [index, whole] of this.#texts.slice(start, start + size).entries()) {
        const position = start + index;
        const text = whole.slice(0, MOST_CHARACTERS);
        const key = hash('sha256', text, 'base64');
        if (this.#isKnown(key, position)) continue;
        this.#firstPositions.set(key, position);
        missing.push({ text, hash: key, position });
      }
      yield missing;
    }
  }

  /** Takes in the vectors of a portion, one after another in `data`. */
  add(portion: readonly MissingText[], data: Float32Array, dimensions: number): void {
    for (const [index, { hash: key, position }] of portion.entries()) {
      const vector = data.slice(index * dimensions, (index + 1) * dimensions);
      this.#vectors[position] = vector;
      // A copy: who writes into a vector must not change the cache.
      this.#cache.set(key, vector.slice());
    }
  }

  /** One vector per text, once all portions were added. */
  async vectors(): Promise<Float32Array[]> {
    for (const [index, { from, to }] of this.#repeated.entries()) {
      if (index % COPIES_PER_TURN === COPIES_PER_TURN - 1) await nextTurn();
      this.#vectors[to] = Float32Array.from(this.#vectors[from] ?? []);
    }
    return this.#vectors;
  }

  #isKnown(key: string, position: number): boolean {
    const from = this.#firstPositions.get(key);
    if (from !== undefined) {
      this.#repeated.push({ from, to: position });
      return true;
    }
    const cached = this.#cache.get(key);
    if (cached === undefined) return false;
    this.#vectors[position] = cached.slice();
    return true;
  }
}
