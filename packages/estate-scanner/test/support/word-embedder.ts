import type { Embedder } from '../../src/ports.ts';

/** A small embedder for tests of when texts are embedded, not of what the vectors mean. */
export class WordEmbedder implements Embedder {
  readonly model: string;
  readonly dimensions = 4;
  readonly texts: string[] = [];

  constructor(model = 'words') {
    this.model = model;
  }

  embed(texts: readonly string[]): Promise<Float32Array[]> {
    this.texts.push(...texts);
    return Promise.resolve(texts.map((text) => Float32Array.of(text.length, 1, 0, 0)));
  }
}
