import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { ScanError } from '../errors.ts';
import type { Embedder } from '../ports.ts';
import { untilAborted } from '../until-aborted.ts';
import { batchesByLength } from './batches.ts';
import { EmbeddingThread, type ThreadSettings } from './embedding-thread.ts';
import { findModel, MOST_CHARACTERS } from './model.ts';
import { VectorCache } from './vector-cache.ts';

const MiniLmOptions = z.strictObject({
  batchSize: z.int().min(1).max(10_000).default(100),
  threads: z.int().min(1).max(64).optional(),
  cacheSize: z.int().min(0).max(1_000_000).default(2_000),
  modelsFolder: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  dimensions: z.int().min(1).optional(),
  pooling: z.enum(['mean', 'cls']).default('mean'),
  precision: z.enum(['q8', 'fp16', 'fp32']).default('q8'),
});

/** Options of {@link MiniLmEmbedder}. */
export interface MiniLmEmbedderOptions {
  /** Texts taken at a time and sorted by length among themselves. 1 to 10,000, default 100. */
  batchSize?: number;
  /** Threads of one inference. Default: the CPUs that are available, 4 at most. */
  threads?: number;
  /** Vectors kept by the hash of their text, 1.5 KB each. Default 2,000; 0 keeps none. */
  cacheSize?: number;
  /** Folder that holds the folders of models. Default: that of this package, which has all-MiniLM-L6-v2. */
  modelsFolder?: string;
  /**
   * Another sentence model in ONNX form: the name of its folder in `modelsFolder`, or a path. The name of the folder marks the vectors,
   * so two models must not share one. Default `all-MiniLM-L6-v2`.
   */
  model?: string;
  /** The length that vectors must have: that of a store which is already filled. Default: what the model has. */
  dimensions?: number;
  /** How the vector of a text is made of those of its tokens; the model's card says. Default `mean`; `cls` for BGE and its like. */
  pooling?: 'mean' | 'cls';
  /** Which of the model's files is read: `onnx/model_quantized.onnx` (`q8`, the default), `model_fp16.onnx`, `model.onnx` (`fp32`). */
  precision?: 'q8' | 'fp16' | 'fp32';
}

/**
 * The embedder that ships with the package: all-MiniLM-L6-v2 (int8) in a worker thread, offline. Needs the
 * optional dependency `@huggingface/transformers` 4. The model is loaded at the first call that needs it (0.3 s,
 * 170–230 MB) and stays loaded until `close()`; an idle embedder does not keep the process alive.
 *
 * A vector depends a little on the texts beside it in a batch (cosine 0.985 or more against the same text
 * alone), so vectors of one text are alike but not equal.
 *
 * The runtime under it has telemetry; the first call sets `ORT_DISABLE_TELEMETRY=1` in this process's environment, unless the
 * variable is there already.
 */
export class MiniLmEmbedder implements Embedder {
  readonly model: string;
  readonly dimensions: number;
  readonly #batchSize: number;
  readonly #settings: ThreadSettings;
  readonly #cache: VectorCache;
  #thread: EmbeddingThread | null = null;
  #isClosed = false;

  /** @throws ScanError `INVALID_OPTIONS` with the path of what is wrong, `EMBEDDER_UNAVAILABLE` where there is no such model */
  constructor(options: MiniLmEmbedderOptions = {}) {
    const parsed = MiniLmOptions.safeParse(options);
    if (!parsed.success) {
      throw new ScanError('INVALID_OPTIONS', z.prettifyError(parsed.error));
    }
    const { batchSize, cacheSize, pooling, precision, threads } = parsed.data;
    const found = findModel(parsed.data.model, parsed.data.modelsFolder, parsed.data.dimensions);
    this.model = found.name;
    this.dimensions = found.dimensions;
    this.#batchSize = batchSize;
    this.#settings = {
      modelsFolder: found.folder,
      model: found.name,
      threads: threads ?? Math.min(availableParallelism(), 4),
      pooling,
      precision,
    };
    this.#cache = new VectorCache(cacheSize);
  }

  /**
   * One L2-normalised vector per text (384 numbers, or what another model has), in the order of the texts. Equal texts are computed once.
   * Any string will do: the model reads its beginning (256 tokens of it here). Calls may overlap; their batches take turns.
   *
   * @throws ScanError `INVALID_OPTIONS` where a text is not a string, `EMBEDDER_UNAVAILABLE` where the optional
   *   dependency or the model is missing, `EMBEDDER_FAILED` (retryable) where the worker crashed, `ABORTED`, `CLOSED`
   */
  async embed(
    texts: readonly string[],
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Float32Array[]> {
    this.#assertUsable(signal);
    const items = texts.map(toItem);
    const vectors = new Map<string, Float32Array>();
    const missing = new Map<string, Item>();
    for (const item of items) {
      const cached = this.#cache.get(item.hash);
      if (cached === undefined) missing.set(item.hash, item);
      else vectors.set(item.hash, cached);
    }
    for (const batch of batchesByLength([...missing.values()], this.#batchSize)) {
      this.#assertUsable(signal);
      const run = this.#run(batch.map(({ text }) => text));
      const data = await (signal === undefined ? run : untilAborted(run, signal, aborted));
      this.#checkLength(data.length, batch.length);
      for (const [position, { hash }] of batch.entries()) {
        const start = position * this.dimensions;
        const vector = data.slice(start, start + this.dimensions);
        vectors.set(hash, vector);
        this.#cache.set(hash, vector);
      }
    }
    // Copies: who writes into a vector must not change the cache.
    return items.map(({ hash }) => Float32Array.from(vectors.get(hash) ?? []));
  }

  /** Ends the worker after the batch that is running. Calls that are not finished reject with `CLOSED`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cache.clear();
    await this.#thread?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A model may give other vectors than its config.json says. */
  #checkLength(numbers: number, texts: number): void {
    if (numbers === texts * this.dimensions) return;
    throw new ScanError(
      'EMBEDDER_FAILED',
      `The vectors of ${this.model} have ${numbers / texts} numbers, not ${this.dimensions} as its config.json says.`,
    );
  }

  #run(texts: string[]): Promise<Float32Array<ArrayBuffer>> {
    if (this.#thread === null || !this.#thread.isUsable) {
      this.#thread = new EmbeddingThread(this.#settings);
    }
    return this.#thread.embed(texts);
  }

  #assertUsable(signal: AbortSignal | undefined): void {
    if (this.#isClosed) throw new ScanError('CLOSED', 'The embedder was closed.');
    if (signal?.aborted === true) throw aborted(signal);
  }
}

function aborted(signal: AbortSignal): ScanError {
  return new ScanError('ABORTED', 'Embedding was aborted.', { cause: signal.reason });
}

interface Item {
  text: string;
  hash: string;
}

function toItem(input: unknown, index: number): Item {
  if (typeof input !== 'string') {
    throw new ScanError('INVALID_OPTIONS', `texts[${index}] is not a string.`);
  }
  const text = input.slice(0, MOST_CHARACTERS);
  return { text, hash: createHash('sha256').update(text).digest('base64') };
}
