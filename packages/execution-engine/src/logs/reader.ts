import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { ExecutionError } from '../errors.ts';
import { parseIndexLine } from './entries.ts';
import type { Entry, JournalFiles, LoadedEntry } from './entries.ts';

const INDEX_CHUNK_BYTES = 64 * 1024;

/** Entries are small where lines come one by one; this much of the log is read at once. */
const LOG_CHUNK_BYTES = 1024 * 1024;

interface Indexed {
  entry: Entry;
  /** Where its line of the index ends. */
  indexEnd: number;
}

/** Reads a journal's files back into entries. */
export class JournalReader {
  readonly #log: FileHandle;
  readonly #index: FileHandle;
  #position: number;

  private constructor(log: FileHandle, index: FileHandle, position: number) {
    this.#log = log;
    this.#index = index;
    this.#position = position;
  }

  /**
   * @param position where in the index to begin, at the start of a line
   * @throws ExecutionError `LOG_UNREADABLE`
   */
  static async open(files: JournalFiles, position: number): Promise<JournalReader> {
    try {
      const log = await open(files.log, 'r');
      const index = await open(files.index, 'r').catch(async (error: unknown) => {
        await log.close();
        throw error;
      });
      return new JournalReader(log, index, position);
    } catch (error) {
      throw new ExecutionError('LOG_UNREADABLE', `the log ${files.log} is gone or unreadable`, {
        details: { path: files.log },
        cause: error,
      });
    }
  }

  /** The entries that are in the files now, each with where its line of the index ends. */
  async *entries(): AsyncGenerator<{ loaded: LoadedEntry; indexEnd: number }> {
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const { bytesRead, buffer } = await this.#index.read({
        buffer: Buffer.allocUnsafe(INDEX_CHUNK_BYTES),
        position: this.#position + rest.length,
      });
      if (bytesRead === 0) return;
      const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = text.lastIndexOf(0x0a) + 1;
      for (const batch of batches(this.#parse(text.subarray(0, end))))
        yield* await this.#load(batch);
      rest = text.subarray(end);
    }
  }

  /** Gives the files back. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#log.close(), this.#index.close()]);
  }

  #parse(lines: Buffer): Indexed[] {
    const indexed: Indexed[] = [];
    for (const line of lines.toString('utf8').split('\n').slice(0, -1)) {
      const entry = parseIndexLine(line);
      this.#position += Buffer.byteLength(line) + 1;
      if (entry !== null) indexed.push({ entry, indexEnd: this.#position });
    }
    return indexed;
  }

  async #load(batch: readonly Indexed[]): Promise<{ loaded: LoadedEntry; indexEnd: number }[]> {
    const outputs = batch.flatMap(({ entry }) => (entry.kind === 'output' ? [entry] : []));
    const from = outputs[0]?.offset ?? 0;
    const size = outputs.reduce((sum, { bytes }) => sum + bytes, 0);
    const data = Buffer.allocUnsafeSlow(size);
    if (size > 0) await this.#log.read(data, 0, size, from);
    return batch.map(({ entry, indexEnd }) => {
      if (entry.kind === 'event') return { loaded: { entry, data: null }, indexEnd };
      const at = entry.offset - from;
      const bytes = data.subarray(at, at + entry.bytes);
      return { loaded: { entry, data: bytes }, indexEnd };
    });
  }
}

/** Entries whose stretches of the log, one behind the other, are worth one read. */
function* batches(indexed: readonly Indexed[]): Generator<Indexed[]> {
  let batch: Indexed[] = [];
  let bytes = 0;
  for (const one of indexed) {
    batch.push(one);
    bytes += one.entry.kind === 'output' ? one.entry.bytes : 0;
    if (bytes < LOG_CHUNK_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
