import { Worker } from 'node:worker_threads';
import { ScanError } from '../errors.ts';
import { guardExit } from './exit-guard.ts';
import type { FromWorker, ThreadSettings, ToWorker, WorkerSettings } from './messages.ts';
import { NativeGate } from './native-gate.ts';

const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? './embedding-worker.ts' : './embedding-worker.js',
  import.meta.url,
);

interface Pending {
  resolve: (data: Float32Array<ArrayBuffer>) => void;
  reject: (error: ScanError) => void;
}

/**
 * One worker thread with the model, from its start to its end. It loads the model at once and answers requests
 * one after another. It keeps the process alive only while a request is pending.
 */
export class EmbeddingThread {
  readonly #worker: Worker;
  readonly #gate = new NativeGate();
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<void>;
  #nextId = 1;
  #end: ScanError | null = null;

  /** @throws ScanError `EMBEDDER_UNAVAILABLE` where this process may not start a thread */
  constructor(settings: ThreadSettings) {
    // onnxruntime 1.30 keeps telemetry files in the temporary folder and knows where to send them. It reads the environment of
    // the process, which a worker's copy does not reach. Who wants telemetry sets the variable to 0.
    process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
    const workerData: WorkerSettings = { ...settings, gate: this.#gate.buffer };
    // Without flags of the host: `--input-type` and the like break a worker.
    try {
      this.#worker = new Worker(WORKER_URL, {
        workerData,
        execArgv: [],
        name: 'cloudops-embedding',
      });
    } catch (cause) {
      throw unavailable(`no worker thread could be started: ${String(cause)}`, { cause });
    }
    const unguard = guardExit(this.#gate);
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (cause) => this.#fail(crashed(String(cause), cause)));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#fail(crashed(`exit code ${code}`));
        unguard();
        resolve();
      });
    });
    this.#worker.unref();
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
      this.#worker.ref();
      this.#send({ type: 'embed', id, texts });
    });
  }

  /** Lets pending requests finish and ends the thread. */
  async close(): Promise<void> {
    this.#worker.ref();
    this.#send({ type: 'close' });
    await this.#ended;
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message, []);
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
    if (this.#pending.size === 0) this.#worker.unref();
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
