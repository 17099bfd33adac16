import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { CHUNK_BYTES, releaseChunk, takeChunk } from '../output/chunk-memory.ts';
import type { OutputSink } from '../process/launch.ts';
import { FrameDecoder } from './spool.ts';

/** Below this, memory of its own is cheaper. */
const SMALL_BYTES = 32 * 1024;

/** Follows a spool as it grows, and hands its parts to a sink at the sink's pace. */
export class SpoolReader {
  readonly #path: string;
  readonly #sink: OutputSink;
  readonly #onRead: (bytes: number) => void;
  readonly #decoder = new FrameDecoder();
  #file: FileHandle | null = null;
  #position = 0;
  #size = 0;
  #reading: Promise<void> | null = null;
  #failure: unknown = null;

  /** @param onRead told how far it has got, after every chunk */
  constructor(path: string, sink: OutputSink, onRead: (bytes: number) => void) {
    this.#path = path;
    this.#sink = sink;
    this.#onRead = onRead;
  }

  /** There are so many bytes now. */
  grownTo(bytes: number): void {
    this.#size = Math.max(this.#size, bytes);
    if (this.#position < this.#size) this.#reading ??= this.#readAll();
  }

  /**
   * Reads up to `bytes`, and closes the file.
   *
   * @throws what went wrong with the file
   */
  async finish(bytes: number): Promise<void> {
    this.grownTo(bytes);
    while (this.#reading !== null) await this.#reading;
    await this.#file?.close();
    this.#file = null;
    if (this.#failure !== null) throw this.#failure;
  }

  async #readAll(): Promise<void> {
    try {
      this.#file ??= await open(this.#path, 'r');
      while (this.#position < this.#size) {
        const length = Math.min(CHUNK_BYTES, this.#size - this.#position);
        const chunk = length < SMALL_BYTES ? Buffer.allocUnsafeSlow(length) : takeChunk();
        const { bytesRead } = await this.#file.read(chunk, 0, length, this.#position);
        if (bytesRead === 0) throw new Error(`the spool ${this.#path} is shorter than it was`);
        this.#position += bytesRead;
        for (const { stream, bytes } of this.#decoder.push(chunk.subarray(0, bytesRead))) {
          const pressure = this.#sink(stream, bytes);
          if (pressure !== undefined) await pressure;
        }
        releaseChunk(chunk);
        this.#onRead(this.#position);
      }
    } catch (error) {
      this.#failure = error;
      this.#position = this.#size;
    }
    this.#reading = null;
  }
}
