import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** A log of this size is twice as long as SQLite lets it become where nobody reads. */
const longBytes = 64 * 1024 * 1024;
/** The size is looked at after so many commits. */
const commitsPerLook = 4;
/** Searches are over sooner; another program that reads for longer is not waited for. */
const waitMs = 500;

/**
 * The write-ahead log beside a file. SQLite starts it over at a commit while which nobody reads; under searches without a pause there
 * is none, and a log that grows makes each of them slower. So a long one is waited for.
 */
export class WriteAheadLog {
  readonly #db: DatabaseSync;
  readonly #usualTimeoutMs: number;
  /** Null in memory. */
  readonly #path: string | null;
  #commits = 0;
  #limit = longBytes;

  constructor(db: DatabaseSync, usualTimeoutMs: number) {
    this.#db = db;
    this.#usualTimeoutMs = usualTimeoutMs;
    const file = db.location();
    this.#path = file === null ? null : `${file}-wal`;
  }

  /** To be called after each commit. */
  keepShort(): void {
    this.#commits += 1;
    if (this.#path === null || this.#commits % commitsPerLook !== 0) return;
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > this.#limit) this.#limit = this.#emptied() ? longBytes : size * 2;
  }

  #emptied(): boolean {
    this.#db.exec(`PRAGMA busy_timeout = ${waitMs}`);
    try {
      return this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
    } catch {
      // The commit stands; a disk that fails says so at the next one.
      return false;
    } finally {
      this.#db.exec(`PRAGMA busy_timeout = ${this.#usualTimeoutMs}`);
    }
  }
}
