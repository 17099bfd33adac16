import { Worker } from 'node:worker_threads';
import { StorageError } from '../../errors.ts';
import {
  movable,
  type Method,
  type MethodArguments,
  type MethodResult,
  type WorkerReply,
  type WorkerSetup,
} from './protocol.ts';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: StorageError): void;
}

/** The caller's end of the worker thread: calls go out with a number, answers come back by it. */
export class WorkerClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: StorageError | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    worker.on('error', (cause) => {
      this.#end(new StorageError('BACKEND_FAILED', 'The storage thread failed.', { cause }));
    });
    worker.on('exit', () => {
      this.#end(new StorageError('BACKEND_FAILED', 'The storage thread ended by itself.'));
    });
  }

  /** How many calls are not answered yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether the thread ended without being closed. */
  get hasFailed(): boolean {
    return this.#ended !== null && this.#ended.code !== 'CLOSED';
  }

  /** Starts the thread; resolves once it has opened the file. */
  static async start(setup: WorkerSetup): Promise<WorkerClient> {
    const file = import.meta.url.endsWith('.ts') ? './storage-worker.ts' : './storage-worker.js';
    // execArgv: flags of the host such as --input-type would break the thread.
    const worker = new Worker(new URL(file, import.meta.url), { workerData: setup, execArgv: [] });
    const client = new WorkerClient(worker);
    try {
      await client.#answerTo(0);
    } catch (error) {
      await worker.terminate();
      throw error;
    }
    worker.unref();
    return client;
  }

  /** Calls a method in the worker. The process stays alive until it is answered. */
  async call<M extends Method>(method: M, ...args: MethodArguments[M]): Promise<MethodResult[M]> {
    if (this.#ended !== null) throw this.#ended;
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = this.#answerTo<MethodResult[M]>(id);
    if (this.#waiting.size === 1) this.#worker.ref();
    this.#worker.postMessage({ id, method, args }, movable(args));
    return answer;
  }

  #answerTo<T>(id: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // Both ends of the thread are this package: `callTable` answers each method with its own type.
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #settle(reply: WorkerReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('error' in reply) {
      const { code, message, details } = reply.error;
      waiting.reject(new StorageError(code, message, { details }));
    } else {
      waiting.resolve(reply.result);
    }
  }

  #end(reason: StorageError): void {
    this.#ended ??= reason;
    for (const waiting of this.#waiting.values()) waiting.reject(reason);
    this.#waiting.clear();
  }

  /** Lets the calls under way end, closes the file and the thread. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    const closed = this.call('close');
    this.#ended = new StorageError('CLOSED', 'The storage is closed.');
    const exited = new Promise<void>((resolve) => {
      this.#worker.once('exit', () => resolve());
    });
    await closed;
    // Nothing is waited for any more, but the file is not closed before the thread has ended.
    this.#worker.ref();
    await exited;
  }
}
