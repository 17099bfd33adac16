import { StorageError } from '../../errors.ts';
import { FileIdentity } from './file-identity.ts';
import type { Method, MethodArguments, MethodResult, ReadMethod, WorkerSetup } from './protocol.ts';
import { WorkerClient } from './worker-client.ts';

/**
 * The threads of one open file: one that writes and, from the first search on, one that only reads. So the two rankings of a
 * search run at once, and reads do not wait behind writes. SQLite shows a read all that was committed before it began: what was
 * acknowledged is seen.
 */
export class StorageThreads {
  readonly #setup: WorkerSetup;
  readonly #writer: WorkerClient;
  /** Which file was opened: another one may be at its path by now. */
  readonly #file: FileIdentity;
  #reader: WorkerClient | null = null;
  #readerStart: Promise<void> | null = null;
  /** How many calls are under way that only the writing thread may answer. */
  #ordered = 0;
  #closing: Promise<void> | null = null;

  private constructor(setup: WorkerSetup, writer: WorkerClient) {
    this.#setup = setup;
    this.#writer = writer;
    this.#file = new FileIdentity(setup.path);
  }

  /**
   * Opens a file; ':memory:' has one thread only.
   *
   * @throws StorageError `STORE_UNAVAILABLE`, `STORE_TOO_NEW`, `STORE_CORRUPT`, `STORE_BUSY`
   */
  static async open(setup: WorkerSetup & { access: 'write' }): Promise<StorageThreads> {
    return new StorageThreads(setup, await WorkerClient.start(setup));
  }

  /** Calls a method behind all that was called this way before. */
  async call<M extends Method>(method: M, ...args: MethodArguments[M]): Promise<MethodResult[M]> {
    this.#throwIfClosed();
    this.#ordered += 1;
    try {
      return await this.#writer.call(method, ...args);
    } finally {
      this.#ordered -= 1;
    }
  }

  /** Reads beside the writes, of which it sees all that were answered before. */
  async read<M extends ReadMethod>(
    method: M,
    ...args: MethodArguments[M]
  ): Promise<MethodResult[M]> {
    this.#throwIfClosed();
    // Rather than behind a write it waits for the thread that is starting.
    if (this.#reader === null && this.#ordered > 0) await this.#readerStart;
    const thread = this.#forReading();
    try {
      return await thread.call(method, ...args);
    } catch (error) {
      if (thread === this.#writer || !thread.hasFailed) throw error;
      // A read changes nothing: where the thread failed that was asked, the other one answers.
      return this.#writer.call(method, ...args);
    }
  }

  /** Reads as `read` does, and starts the thread for it, which most processes that do not search never need. */
  search<M extends ReadMethod>(method: M, ...args: MethodArguments[M]): Promise<MethodResult[M]> {
    // One that failed is replaced; one that could not start is not tried again.
    if (this.#readerStart === null || this.#reader?.hasFailed === true) {
      this.#readerStart = this.#startReader();
    }
    return this.read(method, ...args);
  }

  /** The thread with less to do; never behind a write, which may take long. */
  #forReading(): WorkerClient {
    const reader = this.#reader;
    if (reader === null || reader.hasFailed) return this.#writer;
    const writerIsFree = this.#ordered === 0 && this.#writer.waiting < reader.waiting;
    return writerIsFree ? this.#writer : reader;
  }

  async #startReader(): Promise<void> {
    this.#reader = null;
    if (!this.#file.isKnown || this.#closing !== null) return;
    let reader: WorkerClient | undefined;
    try {
      reader = await WorkerClient.start({ ...this.#setup, access: 'read' });
      this.#file.check();
      this.#reader = reader;
    } catch {
      // Nothing is lost: the file was moved, or there is no room for a thread, and the other one answers as before.
      await reader?.close().catch(() => undefined);
    }
  }

  /**
   * Starts one more thread at the file, for work that takes long; whoever asks closes it. Null where the one thread is all there is.
   *
   * @throws StorageError `STORE_UNAVAILABLE` when the file was removed or replaced, `STORE_BUSY`, `CLOSED`
   */
  async another(): Promise<WorkerClient | null> {
    this.#throwIfClosed();
    if (!this.#file.isKnown) return null;
    this.#file.check();
    return WorkerClient.start(this.#setup);
  }

  #throwIfClosed(): void {
    if (this.#closing !== null) throw new StorageError('CLOSED', 'The storage is closed.');
  }

  /** Lets the calls under way end, closes the file and the threads. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#readerStart;
    // The writing thread is the last at the file: it takes in the log (WAL), which one that only reads cannot.
    try {
      await this.#reader?.close();
    } finally {
      await this.#writer.close();
    }
  }
}
