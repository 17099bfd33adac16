import { randomUUID } from 'node:crypto';
import { lstat, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { BackendStats, DocumentStore } from '../backends/backend.ts';
import { newKey, type KeySource } from '../encryption/key-source.ts';
import { StorageError } from '../errors.ts';
import { placeFile } from '../place-file.ts';
import type { EstateCollection } from '../estate.ts';
import type { IntegrityOptions, IntegrityReport } from '../integrity.ts';
import type { StorageOptions } from '../options.ts';
import type { ImportOptions } from '../portable/import.ts';
import type { PortableCounts } from '../portable/lines.ts';
import type { BackupRunOptions } from './run-options.ts';
import { readChunks } from './chunks.ts';
import { damaged, manifestName, readManifest } from './manifest.ts';
import type { BackupTarget } from './target.ts';

/** What a restore does with a store. `StorageService` is one. */
export interface RestorableStorage extends AsyncDisposable {
  readonly estate: Pick<EstateCollection, 'list' | 'search'>;
  stats(): Promise<BackendStats>;
  importFrom(stream: Readable, options: ImportOptions): Promise<PortableCounts>;
  integrityCheck(options: IntegrityOptions): Promise<IntegrityReport>;
  close(): Promise<void>;
}

/** Where backups come from, and what they become. */
export interface BackupSource<Storage extends RestorableStorage> {
  target: BackupTarget;
  keys: KeySource;
  open: (options: StorageOptions) => Promise<Storage>;
  documentsOf: (storage: Storage) => DocumentStore;
}

/** Restores into a new store; a file is made beside its path and moved there when it is complete. */
export async function restoreBackup<Storage extends RestorableStorage>(
  id: string,
  source: BackupSource<Storage>,
  into: StorageOptions,
  options: BackupRunOptions,
): Promise<Storage> {
  const { backend } = into;
  if (!('path' in backend) || backend.path === ':memory:') {
    const storage = await source.open(into);
    await fillOrClose(id, source, storage, options);
    return storage;
  }
  await checkFree(backend.path);
  const beside = `${backend.path}.restoring-${randomUUID()}`;
  try {
    const storage = await source.open({ ...into, backend: { ...backend, path: beside } });
    await fillOrClose(id, source, storage, options);
    // Closing empties the log: the file alone is the store then.
    await storage.close();
    await checkFree(backend.path);
    await placeFile(beside, backend.path);
  } catch (error) {
    for (const end of ['', '-wal', '-shm']) await rm(`${beside}${end}`, { force: true });
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw isTaken ? notEmpty(backend.path) : error;
  }
  return source.open(into);
}

/**
 * The log of a store whose file is gone counts as one: SQLite would write what is in it into the restored file.
 *
 * @throws StorageError `STORE_NOT_EMPTY`
 */
async function checkFree(path: string): Promise<void> {
  for (const end of ['', '-wal', '-journal']) {
    const isThere = await lstat(`${path}${end}`).then(
      () => true,
      () => false,
    );
    if (isThere) throw notEmpty(`${path}${end}`);
  }
}

function notEmpty(place: string): StorageError {
  return new StorageError(
    'STORE_NOT_EMPTY',
    `${place} is there already: restore to another place, look at it, and swap them yourself.`,
  );
}

function storeNotEmpty(
  { messages, resources, tombstones }: BackendStats,
  begun: string | null,
): StorageError {
  const advice = begun
    ? `They are of a restore of ${begun} that was cut off: restore that again, which goes on, or remove the two collections.`
    : 'Restore under another collectionPrefix, look at it, and swap them yourself.';
  return new StorageError(
    'STORE_NOT_EMPTY',
    `The store has ${messages} messages and ${resources + tombstones} resources already. ${advice}`,
    { details: { messages, resources: resources + tombstones } },
  );
}

async function fillOrClose<Storage extends RestorableStorage>(
  id: string,
  source: BackupSource<Storage>,
  storage: Storage,
  options: BackupRunOptions,
): Promise<PortableCounts> {
  try {
    return await fill(id, source, storage, options);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** The document with the id of the backup that a store is filled from; empty once all of it is there. */
const begunName = 'restore-begun';

async function fill<Storage extends RestorableStorage>(
  id: string,
  { target, keys, documentsOf }: BackupSource<Storage>,
  storage: Storage,
  options: BackupRunOptions,
): Promise<PortableCounts> {
  const documents = documentsOf(storage);
  const begun = await documents.read(begunName);
  const stats = await storage.stats();
  const isEmpty = stats.messages + stats.resources + stats.tombstones === 0;
  if (!isEmpty && begun !== id) throw storeNotEmpty(stats, begun);
  const { body, dataKey } = await readManifest(id, await target.get(manifestName(id)), keys);
  const isOurs =
    (await documents.replace(begunName, begun, id)) || (await documents.read(begunName)) === id;
  if (!isOurs) {
    throw new StorageError('STORE_BUSY', 'Another backup has just begun to be restored there.');
  }
  const stream = readChunks(id, body.chunks, dataKey, target);
  const counts = await storage.importFrom(stream, {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onProgress: (progress) => options.onProgress?.({ ...progress, bytes: 0 }),
  });
  if (counts.messages !== body.counts.messages || counts.resources !== body.counts.resources) {
    throw damaged(id, 'it holds fewer or more records than its manifest says');
  }
  await documents.replace(begunName, id, '');
  return counts;
}

/** Restores into a scratch store, reads all of it, and searches once. */
export async function verifyBackup<Storage extends RestorableStorage>(
  id: string,
  source: BackupSource<Storage>,
  options: BackupRunOptions,
): Promise<PortableCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudops-verify-'));
  try {
    const backend = { kind: 'embedded', path: join(folder, 'scratch.db') } as const;
    await using storage = await source.open({ backend, keys: scratchKey() });
    const counts = await fill(id, source, storage, options);
    const report = await storage.integrityCheck(options.signal ? { signal: options.signal } : {});
    const [problem] = report.problems;
    if (problem !== undefined)
      throw damaged(id, `it restores to a damaged store: ${problem.message}`);
    const [record] = (await storage.estate.list({ limit: 1 })).records;
    if (record !== undefined) {
      const found = await storage.estate.search({ text: record.resource_id, mode: 'keyword' });
      if (found.length === 0) throw damaged(id, `a search does not find ${record.key}`);
    }
    return counts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A key that nobody keeps: what a killed check leaves on disk can be read by no one. */
function scratchKey(): KeySource {
  const key = newKey();
  return { kind: 'scratch', hint: 'this store is thrown away', load: async () => key };
}
