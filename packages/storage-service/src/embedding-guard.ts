import { z } from 'zod';
import type { DocumentStore } from './backends/backend.ts';
import type { Embedder } from './embedder.ts';
import { StorageError } from './errors.ts';

const documentName = 'embedding';

const EmbeddingDocument = z.object({
  model: z.string().nullable(),
  dimensions: z.int().min(1),
});
type EmbeddingDocument = z.infer<typeof EmbeddingDocument>;

/** sqlite-vec's codes are whole bytes; Qdrant's limit is 65,536. */
const maxDimensions = 8192;

/** Remembers by which model, in how many dimensions, the stored vectors were made: others cannot be compared with them. */
export class EmbeddingGuard {
  readonly #documents: DocumentStore;
  #known: EmbeddingDocument | null = null;
  #text: string | null = null;

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  /** @throws StorageError `EMBEDDING_MISMATCH` when the store holds vectors of another model than this one */
  async checkEmbedder(embedder: Embedder): Promise<void> {
    await this.#read();
    this.#compare(embedder.model, embedder.dimensions);
  }

  /** By which model the vectors were made; null before the first one. */
  async known(): Promise<{ model: string | null; dimensions: number } | null> {
    await this.#read();
    return this.#known;
  }

  /** Checks a vector to be searched with. */
  async checkQuery(vector: Float32Array): Promise<void> {
    checkVector(vector, 'vector');
    if (this.#known === null) await this.#read();
    this.#compare(null, vector.length);
  }

  /**
   * Checks vectors to be stored; the first ones settle model and dimensions for the store.
   *
   * @throws StorageError `EMBEDDING_MISMATCH`
   */
  async admit(vectors: readonly { length: number; model: string | null }[]): Promise<void> {
    for (const { length, model } of vectors) {
      while (this.#isOpenTo(model)) await this.#settle(length, model);
      this.#compare(model, length);
    }
  }

  /** Nothing is settled yet, or only the dimensions. */
  #isOpenTo(model: string | null): boolean {
    return this.#known === null || (this.#known.model === null && model !== null);
  }

  async #settle(dimensions: number, model: string | null): Promise<void> {
    await this.#read();
    if (this.#known !== null) {
      this.#compare(model, dimensions);
      if (this.#known.model !== null) return;
    }
    await this.#documents.replace(
      documentName,
      this.#text,
      JSON.stringify({ model, dimensions } satisfies EmbeddingDocument),
    );
    await this.#read();
  }

  async #read(): Promise<void> {
    this.#text = await this.#documents.read(documentName);
    this.#known = this.#text === null ? null : EmbeddingDocument.parse(JSON.parse(this.#text));
  }

  #compare(model: string | null, dimensions: number): void {
    const known = this.#known;
    if (known === null) return;
    const isOther = model !== null && known.model !== null && model !== known.model;
    if (!isOther && dimensions === known.dimensions) return;
    throw new StorageError(
      'EMBEDDING_MISMATCH',
      `The stored vectors are of ${known.model ?? 'an unnamed model'} with ${known.dimensions} dimensions, not of ${model ?? 'a model'} with ${dimensions}. Use that model, or embed everything again into a new store.`,
      { details: { stored: known, given: { model, dimensions } } },
    );
  }
}

/**
 * Checks that a vector can be compared at all.
 *
 * @throws StorageError `VECTOR_INVALID`
 */
export function checkVector(vector: Float32Array, what: string): void {
  if (vector.length === 0 || vector.length > maxDimensions || vector.length % 8 !== 0) {
    throw new StorageError(
      'VECTOR_INVALID',
      `${what}: expected 8 to ${maxDimensions} numbers, a multiple of 8, found ${vector.length}`,
    );
  }
  let difference = 0;
  // Infinity and NaN leave NaN behind; a test of each number would take ten times as long.
  for (let index = 0; index < vector.length; index += 1) {
    const value = vector[index] ?? 0;
    difference += value - value;
  }
  if (difference !== 0) {
    throw new StorageError('VECTOR_INVALID', `${what}: every number must be finite (32-bit float)`);
  }
}

/**
 * Reads a vector: a list of numbers, or a Float32Array.
 *
 * @throws StorageError `VECTOR_INVALID`
 */
export function parseVector(value: unknown, what: string): Float32Array {
  if (value instanceof Float32Array) {
    checkVector(value, what);
    return value;
  }
  if (!Array.isArray(value) || !value.every((item): item is number => typeof item === 'number')) {
    throw new StorageError('VECTOR_INVALID', `${what}: expected a list of numbers`);
  }
  const vector = Float32Array.from(value);
  checkVector(vector, what);
  return vector;
}
