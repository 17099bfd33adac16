import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { StreamName } from '../output/streams.ts';
import { SpoolBlock } from './spool-blocks.ts';

/** Bytes on their way to the disk above which the process is asked to wait. */
const HIGH_WATER_BYTES = 1024 * 1024;

/** What a spool tells its owner. */
export interface SpoolListener {
  /** So many bytes are in the file now. */
  onGrown(bytes: number): void;
  onFailed(error: unknown): void;
}

/** Writes a spool; the file appears with the first output. */
export class SpoolWriter {
  readonly #path: string;
  readonly #limit: number;
  readonly #listener: SpoolListener;
  #file: FileHandle | null = null;
  #queue: SpoolBlock[] = [];
  #queuedBytes = 0;
  #written = 0;
  #read = 0;
  #failed = false;
  #exists = false;
  #writing: Promise<void> | null = null;
  #room: (() => void)[] = [];

  /** @param limit unread bytes above which `write` asks to wait */
  constructor(path: string, limit: number, listener: SpoolListener) {
    this.#path = path;
    this.#limit = limit;
    this.#listener = listener;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#written;
  }

  /** Whether there may be a file. */
  get exists(): boolean {
    return this.#exists;
  }

  /** Adds a copy of the output. A promise asks the process to wait: for the disk, or for the reader. */
  write(stream: StreamName, chunk: Buffer): Promise<void> | undefined {
    if (this.#failed) return undefined;
    this.#add(stream, chunk);
    this.#writing ??= this.#writeAll();
    if (this.#hasRoom()) return undefined;
    return new Promise((resolve) => {
      this.#room.push(resolve);
    });
  }

  /** The reader has got so far. */
  readTo(bytes: number): void {
    this.#read = Math.max(this.#read, bytes);
    this.#wake();
  }

  /** Writes the rest and closes the file. */
  async end(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    await this.#file?.close();
    this.#file = null;
  }

  #add(stream: StreamName, chunk: Buffer): void {
    let added = this.#queue.at(-1)?.add(stream, chunk) ?? 0;
    while (added < chunk.length) {
      const block = new SpoolBlock();
      this.#queue.push(block);
      added += block.add(stream, chunk.subarray(added));
    }
    this.#queuedBytes += chunk.length;
  }

  #hasRoom(): boolean {
    return this.#queuedBytes <= HIGH_WATER_BYTES && this.#written - this.#read <= this.#limit;
  }

  #wake(): void {
    if (!this.#hasRoom() && !this.#failed) return;
    const waiting = this.#room;
    this.#room = [];
    for (const resume of waiting) resume();
  }

  async #writeAll(): Promise<void> {
    try {
      this.#exists = true;
      this.#file ??= await open(this.#path, 'wx', 0o600);
      for (;;) {
        const blocks = this.#queue;
        if (blocks.length === 0) break;
        this.#queue = [];
        this.#queuedBytes = 0;
        await this.#writeFully(
          this.#file,
          blocks.map((block) => block.frames),
        );
        for (const block of blocks) block.release();
        this.#listener.onGrown(this.#written);
        this.#wake();
      }
    } catch (error) {
      this.#failed = true;
      this.#queue = [];
      this.#listener.onFailed(error);
      this.#wake();
    }
    this.#writing = null;
  }

  async #writeFully(file: FileHandle, buffers: Buffer[]): Promise<void> {
    const wanted = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const { bytesWritten } = await file.writev(buffers);
    // A nearly full disk takes a part and says so only at the next write.
    if (bytesWritten < wanted) await file.appendFile(Buffer.concat(buffers).subarray(bytesWritten));
    this.#written += wanted;
  }
}
