/** Vectors by the hash of their text: the least recently used is dropped when there are too many. */
export class VectorCache {
  readonly #vectors = new Map<string, Float32Array>();
  readonly #limit: number;

  /** @param limit vectors kept; 0 keeps none. 384 dimensions take 1.5 KB. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#vectors.size;
  }

  get(hash: string): Float32Array | undefined {
    const vector = this.#vectors.get(hash);
    if (vector !== undefined) {
      this.#vectors.delete(hash);
      this.#vectors.set(hash, vector);
    }
    return vector;
  }

  set(hash: string, vector: Float32Array): void {
    if (this.#limit === 0) return;
    this.#vectors.delete(hash);
    this.#vectors.set(hash, vector);
    if (this.#vectors.size <= this.#limit) return;
    for (const oldest of this.#vectors.keys()) {
      this.#vectors.delete(oldest);
      break;
    }
  }

  clear(): void {
    this.#vectors.clear();
  }
}
