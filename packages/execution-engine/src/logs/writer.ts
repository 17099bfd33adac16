import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { constants } from 'node:fs';
import { holdChunk, releaseChunk } from '../output/chunk-memory.ts';
import { logFailure } from './directory.ts';
import type { ExecutionError } from '../errors.ts';
import type { JournalFiles } from './entries.ts';
import type { JournalEnd } from './resume.ts';

/** Above this many bytes that wait for the disk, whoever writes is asked to hold back. */
const HIGH_WATER_BYTES = 1024 * 1024;

const NEW_FILE =
  constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);

interface Handles {
  log: FileHandle;
  index: FileHandle;
}

/**
 * Appends to a log and its index, in order, in the background, as few writes as the disk's pace allows.
 */
export class JournalWriter {
  readonly #files: JournalFiles;
  readonly #onFlushed: (bytes: number) => void;
  readonly #ready: Promise<void>;
  readonly #resumed: JournalEnd | null;
  #opened: Promise<Handles | null> | null = null;
  #log: Buffer[] = [];
  #index = '';
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  /** The first failure; from then on nothing is written. */
  failure: ExecutionError | null = null;

  /**
   * @param ready settles when the directory may be used; the files are opened with the first append
   * @param resumed where the files end, if they are to be continued; whatever is behind that is cut off
   * @param onFlushed told how many bytes of the log are on disk, after each write and after a failure
   */
  constructor(
    files: JournalFiles,
    ready: Promise<void>,
    resumed: JournalEnd | null,
    onFlushed: (bytes: number) => void,
  ) {
    this.#files = files;
    this.#ready = ready;
    this.#resumed = resumed;
    this.#onFlushed = onFlushed;
  }

  /** Adds to the end of both files. */
  append(log: Buffer | null, indexLine: string): void {
    if (this.failure !== null) return;
    if (log !== null) {
      holdChunk(log);
      this.#log.push(log);
      this.#pendingBytes += log.length;
    }
    this.#index += indexLine;
    this.#writing ??= this.#writeAll();
  }

  /** A promise while more waits for the disk than it should; undefined where all is well. */
  pressure(): Promise<void> | undefined {
    return this.#pendingBytes > HIGH_WATER_BYTES ? this.flush() : undefined;
  }

  /** Resolves when all that was appended is on disk, or will never be (see `failure`). Makes the files, if need be. */
  async flush(): Promise<void> {
    await (this.#opened ??= this.#open());
    await this.#settle();
  }

  /** Writes what is left and closes the files. */
  async close(): Promise<void> {
    await this.#settle();
    const handles = await this.#opened;
    await Promise.allSettled([handles?.log.close(), handles?.index.close()]);
  }

  async #settle(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async #open(): Promise<Handles | null> {
    try {
      await this.#ready;
      const [log, index] = await Promise.allSettled([
        openFile(this.#files.log, this.#resumed?.logBytes ?? null),
        openFile(this.#files.index, this.#resumed?.indexBytes ?? null),
      ]);
      if (log.status === 'fulfilled' && index.status === 'fulfilled') {
        return { log: log.value, index: index.value };
      }
      // One without the other is of no use, and must not stay open.
      for (const one of [log, index]) if (one.status === 'fulfilled') await one.value.close();
      this.#fail([log, index].find((one) => one.status === 'rejected')?.reason);
      return null;
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  async #writeAll(): Promise<void> {
    const handles = await (this.#opened ??= this.#open());
    for (;;) {
      if (handles === null || this.failure !== null || this.#index === '') break;
      const log = this.#log;
      const index = this.#index;
      const bytes = this.#pendingBytes;
      this.#log = [];
      this.#index = '';
      try {
        // The log first: an index line must never speak of bytes that are not there.
        if (log.length > 0) await writeFully(handles.log, log);
        await writeFully(handles.index, [Buffer.from(index)]);
      } catch (error) {
        this.#fail(error);
      }
      for (const chunk of log) releaseChunk(chunk);
      this.#pendingBytes -= bytes;
      if (this.failure === null) this.#onFlushed(bytes);
    }
    this.#writing = null;
  }

  #fail(error: unknown): void {
    this.failure ??= logFailure(this.#files.log, error);
    for (const chunk of this.#log) releaseChunk(chunk);
    this.#log = [];
    this.#index = '';
    this.#pendingBytes = 0;
    this.#onFlushed(0);
  }
}

/** Opens a new file, or one that is to be continued from `end` on. */
async function openFile(path: string, end: number | null): Promise<FileHandle> {
  if (end !== null) {
    const file = await open(path, 'a', 0o600);
    await file.truncate(end);
    return file;
  }
  // The directory is ours alone: a file of that name is from an execution that is no longer known.
  return open(path, NEW_FILE, 0o600);
}

/** A write may take less than it was given, on a full disk for example; the next one says why. */
async function writeFully(file: FileHandle, buffers: Buffer[]): Promise<void> {
  const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const { bytesWritten } = await file.writev(buffers);
  if (bytesWritten === bytes) return;
  await file.appendFile(Buffer.concat(buffers).subarray(bytesWritten));
}
