import { readdir, stat, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { AppendFile } from './append-file.ts';

/** The line that ends a file of the journal: what comes behind it counts for nothing. */
const SEAL = '{"type":"sealed"}';

/** A file of the journal as this process knows it. */
interface Part {
  readonly number: number;
  readonly file: AppendFile;
  lines: number;
  /** Whether its end has been reached: nothing is added to it any more. */
  isSealed: boolean;
  /** Epoch milliseconds after which nothing in it counts; 0: it is empty. */
  goodUntil: number;
}

/**
 * Lines that several processes append to and that are forgotten when none of them counts any more, without a lock and without rewriting anything.
 *
 * The journal is a sequence of files: `journal`, `journal.1`, `journal.2`, … A full one is ended by a seal, and everybody goes on in the next; whoever appended behind the
 * seal because another process was quicker sees it, and appends again. So all read the same lines in the same order. A sealed file whose last line is out of date is removed as a whole.
 */
export class JournalFile {
  readonly path: string;
  readonly #maxLines: number;
  readonly #take: (line: string) => number;
  readonly #parts: Part[] = [];

  /**
   * @param take called for each line that counts, in order; returns until when (epoch milliseconds), 0 for none
   * @param maxLines after which a file is sealed
   */
  constructor(path: string, take: (line: string) => number, maxLines: number) {
    this.path = path;
    this.#take = take;
    this.#maxLines = maxLines;
  }

  /** Takes the lines that have come since the last call, also those of other processes. */
  async read(): Promise<void> {
    // Others may have gone on while this process slept, and removed what it took for the newest.
    if (!(await this.#exists(this.#current))) await this.#find();
    for (;;) {
      const part = this.#current;
      await this.#readPart(part);
      if (!part.isSealed) return;
      this.#parts.push(this.#part(part.number + 1));
    }
  }

  /** Appends a line; it is on disk, and has been taken, when this resolves. */
  async append(line: string, now: number): Promise<void> {
    for (;;) {
      await this.read();
      const part = this.#current;
      if (part.lines >= this.#maxLines) {
        await part.file.append(SEAL);
        await this.read();
        await this.#removeOutdated(now);
        continue;
      }
      await part.file.append(line);
      await this.#readPart(part);
      // Behind a seal nobody sees it; before one, a second of it changes nothing.
      if (!part.isSealed) return;
    }
  }

  get #current(): Part {
    const last = this.#parts.at(-1);
    if (last !== undefined) return last;
    const first = this.#part(0);
    this.#parts.push(first);
    return first;
  }

  async #readPart(part: Part): Promise<void> {
    for (const line of await part.file.read()) {
      if (part.isSealed || line === '') continue;
      if (line === SEAL) part.isSealed = true;
      else {
        part.lines += 1;
        part.goodUntil = Math.max(part.goodUntil, this.#take(line));
      }
    }
  }

  /** The files that there are, from the oldest on. */
  async #find(): Promise<void> {
    const name = basename(this.path);
    const numbers = (await namesIn(dirname(this.path)))
      .map((other) => numberOf(other, name))
      .filter((number) => number !== null)
      .sort((a, b) => a - b);
    this.#parts.splice(0, this.#parts.length, ...numbers.map((number) => this.#part(number)));
    for (const part of this.#parts.slice(0, -1)) {
      await this.#readPart(part);
      part.isSealed = true;
    }
  }

  async #exists({ lines, file }: Part): Promise<boolean> {
    if (lines === 0) return false;
    return await stat(file.path).then(
      () => true,
      () => false,
    );
  }

  async #removeOutdated(now: number): Promise<void> {
    for (const part of this.#parts.slice(0, -1)) {
      if (part.goodUntil > now) continue;
      await unlink(part.file.path).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
      this.#parts.splice(this.#parts.indexOf(part), 1);
    }
  }

  #part(number: number): Part {
    const path = number === 0 ? this.path : `${this.path}.${number}`;
    return { number, file: new AppendFile(path), lines: 0, isSealed: false, goodUntil: 0 };
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function numberOf(name: string, first: string): number | null {
  if (name === first) return 0;
  const number = name.startsWith(`${first}.`) ? name.slice(first.length + 1) : '';
  return /^[1-9]\d{0,14}$/.test(number) ? Number(number) : null;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
