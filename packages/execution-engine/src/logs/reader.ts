import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { ExecutionError } from '../errors.ts';
import { lineEnds } from '../output/lines.ts';
import { parseIndexLine } from './entries.ts';
import type { LoadedEntry } from './journal.ts';
import type { JournalFiles } from './writer.ts';

const CHUNK_BYTES = 64 * 1024;

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
        buffer: Buffer.allocUnsafe(CHUNK_BYTES),
        position: this.#position + rest.length,
      });
      if (bytesRead === 0) return;
      const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = text.indexOf(0x0a); end !== -1; end = text.indexOf(0x0a, start)) {
        const loaded = await this.#load(text.toString('utf8', start, end));
        this.#position += end + 1 - start;
        start = end + 1;
        if (loaded !== null) yield { loaded, indexEnd: this.#position };
      }
      rest = text.subarray(start);
    }
  }

  /** Gives the files back. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#log.close(), this.#index.close()]);
  }

  async #load(line: string): Promise<LoadedEntry | null> {
    const entry = parseIndexLine(line);
    if (entry === null) return null;
    if (entry.kind === 'event') return { entry, data: null, ends: [] };
    const data = Buffer.allocUnsafe(entry.bytes);
    const { bytesRead } = await this.#log.read(data, 0, entry.bytes, entry.offset);
    const bytes = data.subarray(0, bytesRead);
    return { entry, data: bytes, ends: lineEnds(bytes) };
  }
}
