import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { systemErrorCode } from '../errors.ts';
import { CHUNK_BYTES, releaseChunk, takeChunk } from '../output/chunk-memory.ts';
import type { OutputSink } from '../process/launch.ts';
import { FrameDecoder } from './spool.ts';
import type { SegmentPath } from './spool.ts';

/** Below this, memory of its own is cheaper. */
const SMALL_BYTES = 32 * 1024;

/** What a spool is read from, and for whom. */
export interface SpoolReaderInput {
  path: SegmentPath;
  sink: OutputSink;
  /** Told how far it has got, after every chunk. */
  onRead: (bytes: number) => void;
  /** Whether files stay that were read to their end. */
  keep: boolean;
}

/** Follows a spool as it grows, from file to file, and hands its parts to a sink at the sink's pace. */
export class SpoolReader {
  readonly #input: SpoolReaderInput;
  readonly #decoder = new FrameDecoder();
  #file: FileHandle | null = null;
  #segment = 0;
  #segmentStart = 0;
  #position = 0;
  #size = 0;
  #reading: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(input: SpoolReaderInput) {
    this.#input = input;
  }

  /** There are so many bytes now. */
  grownTo(bytes: number): void {
    if (this.#failure !== null) return;
    this.#size = Math.max(this.#size, bytes);
    if (this.#position < this.#size) this.#reading ??= this.#readAll();
  }

  /**
   * Reads up to `bytes`, and closes the file.
   *
   * @param bytes null: as many as there are, where nobody can tell any more
   * @throws what went wrong with the file
   */
  async finish(bytes: number | null): Promise<void> {
    this.grownTo(bytes ?? Number.POSITIVE_INFINITY);
    while (this.#reading !== null) await this.#reading;
    await this.#file?.close();
    this.#file = null;
    if (this.#failure !== null) throw this.#failure;
  }

  async #readAll(): Promise<void> {
    try {
      this.#file ??= await this.#open(0);
      while (this.#file !== null && this.#position < this.#size) {
        if (!(await this.#readChunk(this.#file))) await this.#next(this.#file);
      }
    } catch (error) {
      this.#failure = error;
    }
    // Nothing more can be read.
    if (this.#file === null || this.#failure !== null) this.#position = this.#size;
    this.#reading = null;
  }

  /** False at the end of the file. */
  async #readChunk(file: FileHandle): Promise<boolean> {
    const length = Math.min(CHUNK_BYTES, this.#size - this.#position);
    const chunk = length < SMALL_BYTES ? Buffer.allocUnsafeSlow(length) : takeChunk();
    const { bytesRead } = await file.read(chunk, 0, length, this.#position - this.#segmentStart);
    this.#position += bytesRead;
    for (const { stream, bytes } of this.#decoder.push(chunk.subarray(0, bytesRead))) {
      const pressure = this.#input.sink(stream, bytes);
      if (pressure !== undefined) await pressure;
    }
    releaseChunk(chunk);
    if (bytesRead > 0) this.#input.onRead(this.#position);
    return bytesRead > 0;
  }

  /** On to the next file, if there is one. */
  async #next(file: FileHandle): Promise<void> {
    await file.close();
    this.#file = null;
    if (!this.#input.keep) await rm(this.#input.path(this.#segment), { force: true });
    this.#file = await this.#open(this.#segment + 1);
    this.#segment += 1;
    this.#segmentStart = this.#position;
  }

  /** Null where there is no such file, and nobody had said that there was. */
  async #open(segment: number): Promise<FileHandle | null> {
    const path = this.#input.path(segment);
    try {
      return await open(path, 'r');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT' && !Number.isFinite(this.#size)) return null;
      throw error;
    }
  }
}
