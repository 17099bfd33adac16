import { randomBytes } from 'node:crypto';
import type { DocumentStore, StorageBackend } from '../backends/backend.ts';
import type { KeyRing } from '../encryption/key-ring.ts';
import { newKey, type KeySource } from '../encryption/key-source.ts';
import type { Sealer } from '../encryption/sealer.ts';
import { StorageError, throwIfAborted } from '../errors.ts';
import { checkStorageOptions } from '../options-check.ts';
import type { StorageOptions } from '../options.ts';
import { exportLines } from '../portable/export.ts';
import type { ExportLine, PortableCounts } from '../portable/lines.ts';
import { storeId } from '../store-id.ts';
import { parseOptions } from '../validation.ts';
import { putChunks } from './chunks.ts';
import { manifestName, parseManifest, wrapBackupKey, writeManifest } from './manifest.ts';
import { restoreBackup, verifyBackup, type RestorableStorage } from './restore.ts';
import { expiredBackups, type RetentionPolicy } from './retention.ts';
import type { BackupRunOptions } from './run-options.ts';
import type { BackupTarget } from './target.ts';

/** A complete backup. */
export interface BackupInfo {
  id: string;
  created_at: string;
  /** When it was last restored into a scratch store and checked; null: never. */
  verified_at: string | null;
  /** Why it cannot be used, as far as its manifest shows; null: nothing is known. */
  problem: string | null;
}

/** How good the backups are. */
export interface BackupStatus {
  /** The newest one that can be used. */
  newest: BackupInfo | null;
  /** The one that was verified last, and how long ago. */
  verified: BackupInfo | null;
  verified_age_ms: number | null;
}

/** What a backup run made. */
export interface BackupResult extends PortableCounts {
  id: string;
  chunks: number;
  /** As stored. */
  bytes: number;
  duration_ms: number;
}

/** What the collection works with. */
export interface BackupParts<Storage> {
  backend: StorageBackend;
  ring: KeyRing | null;
  sealer: Sealer;
  target: BackupTarget;
  /** The key source of backups; that of the store unless another was given. */
  keys: KeySource | null;
  retention: RetentionPolicy;
  /** Opens a store; handed down, since a store also has backups. */
  open: (options: StorageOptions) => Promise<Storage>;
  /** The documents of a store, which are no part of what it shows. */
  documentsOf: (storage: Storage) => DocumentStore;
}

/** An upload without manifest that is older than this has failed. */
const abandonedAfterMs = 24 * 3600 * 1000;

/** Backups of a `Storage`: logical, encrypted, and independent of the backend. */
export class BackupCollection<Storage extends RestorableStorage> {
  readonly #parts: BackupParts<Storage>;

  constructor(parts: BackupParts<Storage>) {
    this.#parts = parts;
  }

  /**
   * Makes a backup. Until its manifest is written, last, it is none: a run that was cut off is not listed.
   *
   * @throws StorageError `BACKUP_FAILED`, `KEY_NOT_FOUND`, `DECRYPTION_FAILED`, `ABORTED`
   */
  async run(input: BackupRunOptions = {}): Promise<BackupResult> {
    const options = parseOptions(input, 'run');
    const { backend, ring, sealer, target } = this.#parts;
    const start = performance.now();
    const createdAt = new Date().toISOString();
    const id = `${createdAt.replaceAll(/[-:]|\.\d+/gu, '')}-${randomBytes(4).toString('hex')}`;
    const dataKey = newKey();
    const recovery = ring?.document.recovery_keys ?? [];
    const keys = await wrapBackupKey(dataKey, this.#keys(), recovery);
    const progress = { messages: 0, resources: 0, bytes: 0 };
    const lines = followed(exportLines(backend, sealer), progress, options);
    const chunks = await putChunks(id, lines, dataKey, target, (bytes) => {
      progress.bytes += bytes;
      options.onProgress?.({ ...progress });
    });
    const counts = { messages: progress.messages, resources: progress.resources };
    const body = {
      created_at: createdAt,
      store_id: await storeId(backend.documents),
      counts,
      chunks,
    };
    await target.put(manifestName(id), writeManifest(id, body, keys, dataKey));
    return {
      id,
      ...counts,
      chunks: chunks.length,
      bytes: progress.bytes,
      duration_ms: Math.round(performance.now() - start),
    };
  }

  /** The complete backups, the newest first. */
  async list(): Promise<BackupInfo[]> {
    const { target } = this.#parts;
    const names = await target.list('');
    const infos: BackupInfo[] = [];
    for (const name of names.filter((candidate) => candidate.endsWith('/manifest.json'))) {
      const id = name.slice(0, name.indexOf('/'));
      const marks = names.filter((candidate) => candidate.startsWith(`${id}/verified-`));
      const verified_at = timeOfMark(marks.at(-1));
      const manifest = await orNull('NOT_FOUND', target.get(name));
      // Pruned by another process since the names were read.
      if (manifest === null) continue;
      infos.push({ id, verified_at, ...readHeader(id, manifest) });
    }
    return infos.sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  }

  /** The newest backup, the one verified last, and how long ago that was. */
  async status(): Promise<BackupStatus> {
    const usable = (await this.list()).filter((backup) => backup.problem === null);
    const verifiedAt = (backup: BackupInfo) => Date.parse(backup.verified_at ?? '');
    const [verified] = usable
      .filter((backup) => backup.verified_at !== null)
      .sort((a, b) => verifiedAt(b) - verifiedAt(a));
    return {
      newest: usable[0] ?? null,
      verified: verified ?? null,
      verified_age_ms: verified === undefined ? null : Date.now() - verifiedAt(verified),
    };
  }

  /**
   * Restores a backup into a scratch store and checks it: every chunk, the counts, every record, one search.
   *
   * @returns the counts
   * @throws StorageError `BACKUP_DAMAGED` naming what is wrong, `NOT_FOUND`, `KEY_WRONG`, `ABORTED`
   */
  async verify(id: string, input: BackupRunOptions = {}): Promise<PortableCounts> {
    const options = parseOptions(input, 'verify');
    checkId(id);
    const counts = await verifyBackup(id, this.#source(), options);
    const mark = new Date().toISOString().replaceAll(':', '_');
    const bytes = Buffer.from(JSON.stringify(counts));
    // Two that verify it in the same millisecond have both verified it.
    await orNull('ID_CONFLICT', this.#parts.target.put(`${id}/verified-${mark}`, bytes));
    return counts;
  }

  /**
   * Restores a backup into a new store, of any backend, with keys of its own; never over one that holds data. A file is made
   * beside its path and put there when it is complete; what was cut off on a server goes on when the same backup is restored again.
   *
   * @returns the open store; the caller closes it
   * @throws StorageError `STORE_NOT_EMPTY`, `STORE_BUSY`, `BACKUP_DAMAGED`, `NOT_FOUND`, `KEY_WRONG`, `ABORTED`
   */
  async restore(id: string, into: StorageOptions, input: BackupRunOptions = {}): Promise<Storage> {
    const options = parseOptions(input, 'restore');
    checkId(id);
    checkStorageOptions(into);
    return restoreBackup(id, this.#source(), into, options);
  }

  /** Removes what retention does not keep, and uploads that were given up a day ago. */
  async prune(options: { dryRun?: boolean } = {}): Promise<{ removed: string[]; kept: string[] }> {
    const { dryRun } = parseOptions(options, 'prune');
    const { target, retention } = this.#parts;
    const backups = await this.list();
    const known = new Set(backups.map((backup) => backup.id));
    const names = await target.list('');
    const abandoned = [...new Set(names.map((name) => name.slice(0, name.indexOf('/'))))].filter(
      (id) => !known.has(id) && isAbandoned(id),
    );
    // What is damaged is no backup: it neither counts nor goes, so that someone looks at it.
    const usable = backups.filter((backup) => backup.problem === null);
    const removed = [...expiredBackups(usable, retention), ...abandoned];
    for (const id of dryRun === true ? [] : removed) {
      // The manifest first: without it the rest is no backup, however far we come.
      await target.remove(manifestName(id));
      for (const name of names.filter((candidate) => candidate.startsWith(`${id}/`))) {
        await target.remove(name);
      }
    }
    const kept = backups.map((backup) => backup.id).filter((id) => !removed.includes(id));
    return { removed, kept };
  }

  #source() {
    const { target, open, documentsOf } = this.#parts;
    return { target, keys: this.#keys(), open, documentsOf };
  }

  #keys(): KeySource {
    if (this.#parts.keys !== null) return this.#parts.keys;
    throw new StorageError(
      'INVALID_INPUT',
      'backup.keys: a store without encryption needs a key source for its backups',
    );
  }
}

/** An id is a part of names: nothing else may be. */
function checkId(id: unknown): void {
  if (typeof id !== 'string' || id === '') {
    throw new StorageError('INVALID_INPUT', 'id: expected the id of a backup');
  }
  if (!/^[\w-]+$/u.test(id)) throw new StorageError('NOT_FOUND', `There is no backup ${id}.`);
}

/** What comes of it; null where that is an error of this code. */
async function orNull<T>(code: StorageError['code'], work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (StorageError.is(error) && error.code === code) return null;
    throw error;
  }
}

function timeOfMark(name: string | undefined): string | null {
  return name === undefined ? null : name.slice(name.indexOf('verified-') + 9).replaceAll('_', ':');
}

function readHeader(
  id: string,
  manifest: Uint8Array,
): { created_at: string; problem: string | null } {
  try {
    return { created_at: parseManifest(id, manifest).created_at, problem: null };
  } catch (error) {
    if (!StorageError.is(error)) throw error;
    const time = timeOfId(id);
    return { created_at: new Date(time ?? 0).toISOString(), problem: error.message };
  }
}

/** The time in the id of a backup: `20260101T000000Z-…`. */
function timeOfId(id: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/u.exec(id);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function isAbandoned(id: string): boolean {
  const time = timeOfId(id);
  return time !== null && Date.now() - time > abandonedAfterMs;
}

async function* followed(
  parts: AsyncIterable<ExportLine[]>,
  counts: PortableCounts,
  options: BackupRunOptions,
): AsyncGenerator<ExportLine[]> {
  for await (const lines of parts) {
    throwIfAborted(options.signal);
    yield lines;
    counts.messages += lines.filter((line) => line.type === 'message').length;
    counts.resources += lines.filter((line) => line.type === 'resource').length;
  }
}
