import { EmbeddingThread } from './embedding-thread.ts';
import type { ThreadSettings } from './messages.ts';

/**
 * The threads of one embedder. Each has a model of its own that computes one text at a time on one core: two of them embed
 * 1.7 times as many texts as one model whose every step is shared by two threads (measured), and what a vector is does not
 * depend on the texts beside it.
 */
export class EmbeddingThreads {
  readonly #settings: ThreadSettings;
  #threads: EmbeddingThread[] = [];

  constructor(settings: ThreadSettings) {
    this.#settings = settings;
  }

  /**
   * The vectors of all texts, one after another in one array, from the thread with the fewest requests.
   *
   * @param most threads that may run: where all of fewer are busy, another is started
   * @throws ScanError as {@link EmbeddingThread.embed} does
   */
  async embed(texts: string[], most: number): Promise<Float32Array<ArrayBuffer>> {
    return await this.#leastBusy(most).embed(texts);
  }

  /** Lets pending requests finish and ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #leastBusy(most: number): EmbeddingThread {
    this.#threads = this.#threads.filter(({ isUsable }) => isUsable);
    const [first, ...others] = this.#threads.toSorted((a, b) => a.pending - b.pending);
    if (first !== undefined && (first.pending === 0 || others.length + 1 >= most)) return first;
    const started = new EmbeddingThread(this.#settings);
    this.#threads.push(started);
    return started;
  }
}
