import { DatabaseSync } from 'node:sqlite';
import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { StorageError } from '../../errors.ts';
import { migrations } from './schema.ts';

/** What migrating needs of an open file. */
export interface MigratableFile {
  /** ':memory:' for none. */
  path: string;
  pragma(name: string): number;
  exec(sql: string): void;
  transaction(work: () => void): void;
}

/** Where the copy of a file goes before its schema is changed. */
export function migrationCopyPath(path: string, version: number): string {
  return `${path}.v${version}.bak`;
}

/**
 * Brings a file to the newest schema; one with data is copied beforehand, to `migrationCopyPath`.
 *
 * @throws StorageError `STORE_TOO_NEW`; whatever a step throws leaves the file as it was
 */
export function migrate(
  file: MigratableFile,
  applicationId: number,
  steps: readonly string[] = migrations,
): void {
  const found = file.pragma('user_version');
  if (found === steps.length) return;
  if (found > 0 && found < steps.length) keepCopy(file, found);
  file.transaction(() => {
    // Read again: another process may have been quicker.
    const version = file.pragma('user_version');
    if (version > steps.length) {
      throw new StorageError(
        'STORE_TOO_NEW',
        `The file has schema version ${version}; this release knows ${steps.length}. Update cloudops-storage-service.`,
        { details: { version, known: steps.length } },
      );
    }
    for (const step of steps.slice(version)) file.exec(step);
    file.exec(`PRAGMA user_version = ${steps.length}`);
    file.exec(`PRAGMA application_id = ${applicationId}`);
  });
}

function keepCopy(file: MigratableFile, version: number): void {
  if (file.path === ':memory:') return;
  const temporary = `${file.path}.${randomUUID()}.tmp`;
  try {
    file.exec(`VACUUM INTO '${temporary.replaceAll("'", "''")}'`);
    const copy = new DatabaseSync(temporary, { readOnly: true });
    const copied = copy.prepare('PRAGMA user_version').get()?.['user_version'];
    copy.close();
    // Another process has migrated meanwhile, and kept the copy that counts.
    if (copied === version) renameSync(temporary, migrationCopyPath(file.path, version));
  } finally {
    rmSync(temporary, { force: true });
  }
}
