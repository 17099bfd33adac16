import { isMainThread } from 'node:worker_threads';
import { ScanError } from '../errors.ts';
import type { FromWorker, ThreadSettings } from './messages.ts';
import { startProcess } from './process-runner.ts';
import type { Runner } from './runner.ts';
import { startThread } from './thread-runner.ts';

interface Pending {
  resolve: (data: Float32Array<ArrayBuffer>) => void;
  reject: (error: ScanError) => void;
}

/**
 * One worker with the model, from its start to its end: a thread, or a process where this is a worker thread itself. It loads the
 * model at once and answers requests one after another. It keeps the process alive only while a request is pending.
 */
export class EmbeddingThread {
  readonly #runner: Runner;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<void>;
  #nextId = 1;
  #end: ScanError | null = null;
  #isClosing = false;

  /** @throws ScanError `EMBEDDER_UNAVAILABLE` where this process may not start it */
  constructor(settings: ThreadSettings) {
    let hasEnded = () => {};
    this.#ended = new Promise((resolve) => {
      hasEnded = resolve;
    });
    const start = isMainThread ? startThread : startProcess;
    try {
      this.#runner = start(settings, {
        onMessage: (message) => this.#receive(message),
        onFailure: (what, cause) => this.#fail(crashed(what, cause)),
        onEnd: (what) => {
          this.#fail(crashed(what));
          hasEnded();
        },
      });
    } catch (cause) {
      throw unavailable(`no worker could be started: ${String(cause)}`, { cause });
    }
    this.#runner.unref();
  }

  /** False once the thread has failed or was closed: requests need another one then. */
  get isUsable(): boolean {
    return this.#end === null;
  }

  /** Requests that are not answered yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * The vectors of all texts, one after another in one array.
   *
   * @throws ScanError `EMBEDDER_UNAVAILABLE` where the model cannot be loaded, `EMBEDDER_FAILED` (retryable
   *   where the worker crashed) otherwise
   */
  embed(texts: string[]): Promise<Float32Array<ArrayBuffer>> {
    if (this.#end !== null) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      this.#runner.ref();
      this.#runner.send({ type: 'embed', id, texts });
    });
  }

  /** Lets pending requests finish and ends the thread. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#runner.ref();
    this.#runner.send({ type: 'close' });
    await this.#ended;
  }

  #receive(message: FromWorker): void {
    if (message.type === 'unavailable') {
      this.#fail(
        message.missingPackage ? notInstalled(message.message) : unavailable(message.message),
      );
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (this.#pending.size === 0 && !this.#isClosing) this.#runner.unref();
    if (message.type === 'vectors') pending?.resolve(message.data);
    else pending?.reject(new ScanError('EMBEDDER_FAILED', `Embedding failed: ${message.message}`));
  }

  #fail(error: ScanError): void {
    this.#end ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#end);
    this.#pending.clear();
  }
}

function crashed(what: string, cause?: unknown): ScanError {
  return new ScanError(
    'EMBEDDER_FAILED',
    `The embedding worker ended unexpectedly (${what}). The next call starts a new one.`,
    { retryable: true, cause },
  );
}

function notInstalled(reason: string): ScanError {
  return new ScanError(
    'EMBEDDER_UNAVAILABLE',
    'The embedder needs the package @huggingface/transformers, which is not installed. Run ' +
      '`npm install @huggingface/transformers@4` (behind a proxy or offline with ONNXRUNTIME_NODE_INSTALL=skip ' +
      'in the environment), or scan without an embedder.',
    { details: { reason } },
  );
}

function unavailable(reason: string, options: { cause?: unknown } = {}): ScanError {
  return new ScanError(
    'EMBEDDER_UNAVAILABLE',
    `The embedding model could not be loaded: ${reason}`,
    { ...options, details: { reason } },
  );
}
