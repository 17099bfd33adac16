import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { StreamName } from '../output/streams.ts';
import { SEGMENT_BYTES } from './spool.ts';
import type { SegmentPath } from './spool.ts';
import { SpoolBlock } from './spool-blocks.ts';

/** Bytes on their way to the disk above which the process is asked to wait. */
const HIGH_WATER_BYTES = 1024 * 1024;

/** What a spool tells its owner. */
export interface SpoolListener {
  /** So many bytes are on disk now. */
  onGrown(bytes: number): void;
  onFailed(error: unknown): void;
}

/** Writes a spool; its first file appears with the first output. */
export class SpoolWriter {
  readonly #path: SegmentPath;
  readonly #limit: number;
  readonly #segmentBytes: number;
  readonly #listener: SpoolListener;
  #file: FileHandle | null = null;
  #queue: SpoolBlock[] = [];
  #queuedBytes = 0;
  #written = 0;
  #read = 0;
  #failed = false;
  #segments = 0;
  /** What the last one may still take. */
  #segmentRoom = 0;
  #writing: Promise<void> | null = null;
  #room: (() => void)[] = [];

  /**
   * @param limit unread bytes above which `write` asks to wait
   * @param segmentBytes how large one file gets, apart from what is written at once
   */
  constructor(
    path: SegmentPath,
    limit: number,
    listener: SpoolListener,
    segmentBytes = SEGMENT_BYTES,
  ) {
    this.#segmentBytes = segmentBytes;
    this.#path = path;
    this.#limit = limit;
    this.#listener = listener;
  }

  /** Bytes in all of its files. */
  get size(): number {
    return this.#written;
  }

  /** How many files it has begun. */
  get segments(): number {
    return this.#segments;
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
      for (;;) {
        const blocks = this.#queue;
        if (blocks.length === 0) break;
        this.#queue = [];
        this.#queuedBytes = 0;
        await this.#writeFully(
          await this.#segment(),
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

  async #segment(): Promise<FileHandle> {
    if (this.#file !== null && this.#segmentRoom > 0) return this.#file;
    await this.#file?.close();
    this.#segments += 1;
    this.#segmentRoom = this.#segmentBytes;
    this.#file = await open(this.#path(this.#segments - 1), 'wx', 0o600);
    return this.#file;
  }

  async #writeFully(file: FileHandle, buffers: Buffer[]): Promise<void> {
    const wanted = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const { bytesWritten } = await file.writev(buffers);
    // A nearly full disk takes a part and says so only at the next write.
    if (bytesWritten < wanted) await file.appendFile(Buffer.concat(buffers).subarray(bytesWritten));
    this.#written += wanted;
    this.#segmentRoom -= wanted;
  }
}
