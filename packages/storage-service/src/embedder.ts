/**
 * Turns text into vectors; whatever has this shape will do.
 * `embed` returns one vector of `dimensions` numbers for each text, in order.
 */
export interface Embedder {
  /** Names the model and its version: vectors of two models cannot be compared. */
  readonly model: string;
  readonly dimensions: number;
  embed(texts: readonly string[], options?: { signal?: AbortSignal }): Promise<Float32Array[]>;
  close?(): Promise<void>;
}
