import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { StorageError } from '../../errors.ts';

/** Which file a path meant when it was opened. SQLite itself goes on writing into a file that was removed, and all of it would be gone. */
export class FileIdentity {
  readonly #path: string;
  readonly #found: string | null;

  /** @param path of a file that is open; nothing is noted of a store in memory */
  constructor(path: string) {
    // Seen from here: the process may change its folder.
    this.#path = resolve(path);
    this.#found = path === ':memory:' ? null : identityOf(this.#path);
  }

  /** Where the file is, whatever folder the process is in by now; null where there is none, as in memory. */
  get path(): string | null {
    return this.#found === null ? null : this.#path;
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
