import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { ScanError } from '../errors.ts';
import type { Embedder } from '../ports.ts';
import { untilAborted } from '../until-aborted.ts';
import { EmbeddingCall } from './embedding-call.ts';
import { EmbeddingThreads } from './embedding-threads.ts';
import { findModel } from './model.ts';
import { VectorCache } from './vector-cache.ts';

/** Texts that a thread takes at once, 30 ms of work: as long as another caller waits, or an abort is too late for. */
const MOST_PER_PORTION = 8;
/** A thread that has the next portion when it ends one does not wait for the event loop of the host. */
const PORTIONS_PER_THREAD = 2;
/** Fewer texts are done by one thread before another has started. */
const TEXTS_WORTH_A_THREAD = 50;

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
  /** Texts of one call that are with the threads at a time, at most. 1 to 10,000, default 100; 16 for each thread are enough for full speed. */
  batchSize?: number;
  /**
   * Threads, each with a copy of the model (100 MB) and busy on one core; the first call of 50 texts or more starts the second. 1 to 64.
   * Default: the CPUs that are available, 2 at most.
   */
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
 * The embedder that ships with the package: all-MiniLM-L6-v2 (int8) in worker threads, offline. Needs the
 * optional dependency `@huggingface/transformers` 4. The model is loaded at the first call that needs it (0.3 s,
 * 140 MB, and 100 MB for a second thread) and stays loaded until `close()`; an idle embedder does not keep the process alive.
 *
 * A vector depends on its text alone: texts run through the model one by one, so equal texts have equal vectors, on one machine.
 *
 * Where this is itself a worker thread of the host, processes take the place of the threads: their host may be terminated at any time.
 *
 * The runtime under it has telemetry; the first call sets `ORT_DISABLE_TELEMETRY=1` in this process's environment, unless the
 * variable is there already.
 */
export class MiniLmEmbedder implements Embedder {
  readonly model: string;
  readonly dimensions: number;
  readonly #batchSize: number;
  readonly #mostThreads: number;
  readonly #cache: VectorCache;
  readonly #threads: EmbeddingThreads;
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
    this.#mostThreads = threads ?? Math.min(availableParallelism(), 2);
    this.#cache = new VectorCache(cacheSize);
    this.#threads = new EmbeddingThreads({ model: found, pooling, precision });
  }

  /**
   * One L2-normalised vector per text (384 numbers, or what another model has), in the order of the texts. Equal texts are computed once.
   * Any string will do: the model reads its beginning (256 tokens of it here). Calls may overlap; they take turns.
   *
   * @throws ScanError `INVALID_OPTIONS` where texts are no array of strings, `EMBEDDER_UNAVAILABLE` where the optional
   *   dependency or the model is missing, `EMBEDDER_FAILED` (retryable) where the worker crashed, `ABORTED`, `CLOSED`
   */
  async embed(
    texts: readonly string[],
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Float32Array[]> {
    this.#assertUsable(signal);
    assertStrings(texts);
    const call = new EmbeddingCall(texts, this.#cache);
    const most = Math.min(1 + Math.floor(texts.length / TEXTS_WORTH_A_THREAD), this.#mostThreads);
    const size = Math.min(this.#batchSize, MOST_PER_PORTION);
    const lanes = Math.min(Math.floor(this.#batchSize / size), most * PORTIONS_PER_THREAD);
    // The lanes share one iterator: where one lane throws, it ends for all of them.
    const portions = call.portions(size);
    const lane = async () => {
      for (const portion of portions) {
        this.#assertUsable(signal);
        if (portion.length === 0) {
          await nextTurn();
          continue;
        }
        const run = this.#threads.embed(
          portion.map(({ text }) => text),
          most,
        );
        const data = await (signal === undefined ? run : untilAborted(run, signal, aborted));
        this.#checkLength(data.length, portion.length);
        call.add(portion, data, this.dimensions);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return await call.vectors();
  }

  /** Ends the threads after the texts that they have. Calls that are not finished reject with `CLOSED`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#threads.close();
    this.#cache.clear();
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

  #assertUsable(signal: AbortSignal | undefined): void {
    if (this.#isClosed) throw new ScanError('CLOSED', 'The embedder was closed.');
    if (signal?.aborted === true) throw aborted(signal);
  }
}

function aborted(signal: AbortSignal): ScanError {
  return new ScanError('ABORTED', 'Embedding was aborted.', { cause: signal.reason });
}

function assertStrings(texts: unknown): void {
  if (!Array.isArray(texts)) throw new ScanError('INVALID_OPTIONS', 'texts is not an array.');
  const index = texts.findIndex((text) => typeof text !== 'string');
  if (index !== -1) throw new ScanError('INVALID_OPTIONS', `texts[${index}] is not a string.`);
}
