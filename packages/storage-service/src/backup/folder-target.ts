import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { StorageError } from '../errors.ts';
import { placeFile } from '../place-file.ts';
import type { BackupTarget } from './target.ts';

/** Backups in a folder; files are there whole or not at all, and only for their owner. */
export class FolderTarget implements BackupTarget {
  readonly place: string;

  constructor(path: string) {
    this.place = path;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.place, name);
    // Beside its place: what a killed upload leaves goes with the rest of it.
    const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await placeFile(temporary, path);
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') {
        throw new StorageError('ID_CONFLICT', `${path} is there already.`, { cause });
      }
      throw failed(`${path} cannot be written`, cause);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async get(name: string): Promise<Uint8Array> {
    const path = join(this.place, name);
    try {
      return await readFile(path);
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') {
        throw new StorageError('NOT_FOUND', `${path} is not there.`, { cause });
      }
      throw failed(`${path} cannot be read`, cause);
    }
  }

  async list(prefix: string): Promise<string[]> {
    try {
      const entries = await readdir(this.place, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(this.place, join(entry.parentPath, entry.name)))
        .map((name) => name.split(sep).join('/'))
        .filter((name) => name.startsWith(prefix))
        .sort();
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return [];
      throw failed(`${this.place} cannot be read`, cause);
    }
  }

  async remove(name: string): Promise<void> {
    try {
      await rm(join(this.place, name), { force: true });
    } catch (cause) {
      throw failed(`${name} cannot be removed`, cause);
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

function failed(message: string, cause: unknown): StorageError {
  const isFull = codeOf(cause) === 'ENOSPC';
  return new StorageError(isFull ? 'STORE_FULL' : 'BACKUP_FAILED', `${message}: ${String(cause)}`, {
    cause,
  });
}
