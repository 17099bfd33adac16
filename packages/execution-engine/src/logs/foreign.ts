import { open, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { END_MARK } from './resume.ts';
import type { LogSource } from './text.ts';
import type { JournalFiles } from './entries.ts';

/** How often a log that another process writes is looked at. */
const POLL_MS = 100;

/** The mark of the end is a short last line of the index. */
const TAIL_BYTES = 256;

/**
 * A log that another process writes, or wrote. It ends when its index says so; where that process was killed, it does
 * not end before an engine with the same `stateDir` has given the execution its end.
 */
export class ForeignLog implements LogSource {
  readonly files: JournalFiles;
  readonly failure = null;
  readonly changed = { wait: (signal?: AbortSignal) => this.#wait(signal) };
  #bytes = 0;
  #ended = false;

  private constructor(files: JournalFiles) {
    this.files = files;
  }

  /** The log behind these files; null where there is none. */
  static async open(files: JournalFiles): Promise<ForeignLog | null> {
    const log = new ForeignLog(files);
    return (await log.#look()) ? log : null;
  }

  /** Its size at the last look. */
  get flushedBytes(): number {
    return this.#bytes;
  }

  /** Whether it was complete at the last look. */
  get ended(): boolean {
    return this.#ended;
  }

  async #wait(signal?: AbortSignal): Promise<void> {
    await delay(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    await this.#look();
  }

  async #look(): Promise<boolean> {
    // The mark first: whatever was written before it is then in the log.
    const ended = await this.#hasEnd();
    const found = await stat(this.files.log).catch(() => null);
    if (found === null) return false;
    this.#bytes = found.size;
    this.#ended = ended;
    return true;
  }

  async #hasEnd(): Promise<boolean> {
    try {
      await using index = await open(this.files.index, 'r');
      const { size } = await index.stat();
      const tail = Buffer.alloc(TAIL_BYTES);
      const { bytesRead } = await index.read(tail, 0, TAIL_BYTES, Math.max(0, size - TAIL_BYTES));
      const lines = tail.toString('utf8', 0, bytesRead).split('\n');
      return END_MARK.test(lines.at(-2) ?? '');
    } catch {
      return false;
    }
  }
}
