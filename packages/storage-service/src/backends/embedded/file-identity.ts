import { statSync } from 'node:fs';
import { StorageError } from '../../errors.ts';

/** Which file a path meant when it was opened. SQLite itself goes on writing into a file that was removed, and all of it would be gone. */
export class FileIdentity {
  readonly #path: string;
  readonly #found: string | null;

  /** @param path of a file that is open, absolute; nothing is noted of a store in memory */
  constructor(path: string) {
    this.#path = path;
    this.#found = path === ':memory:' ? null : identityOf(this.#path);
  }

  /** Whether there is a file that can be opened once more; there is none in memory. */
  get isKnown(): boolean {
    return this.#found !== null;
  }

  /** @throws StorageError `STORE_UNAVAILABLE` when the file was removed, or another is in its place */
  check(): void {
    if (this.#found === null) return;
    const found = identityOf(this.#path);
    if (found === this.#found) return;
    throw new StorageError(
      'STORE_UNAVAILABLE',
      `${this.#path} was ${found === null ? 'removed' : 'replaced'} while it was open: nothing more is written. Close the storage, and open it again.`,
    );
  }
}

function identityOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
}
