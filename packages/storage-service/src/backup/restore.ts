import { randomUUID } from 'node:crypto';
import { access, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeySource } from '../encryption/key-source.ts';
import { noEncryption } from '../encryption/key-source.ts';
import { StorageError } from '../errors.ts';
import type { StorageOptions } from '../options.ts';
import type { PortableCounts } from '../portable/lines.ts';
import type { StorageService } from '../service.ts';
import type { BackupRunOptions } from './backups.ts';
import { readChunks } from './chunks.ts';
import { damaged, manifestName, readManifest } from './manifest.ts';
import type { BackupTarget } from './target.ts';

/** Opens a store; handed down, since a store also has backups. */
export type OpenStorage = (options: StorageOptions) => Promise<StorageService>;

/** Where backups come from. */
export interface BackupSource {
  target: BackupTarget;
  keys: KeySource;
  open: OpenStorage;
}

/** Restores into a new store; a file is made beside its path and moved there when it is complete. */
export async function restoreBackup(
  id: string,
  source: BackupSource,
  into: StorageOptions,
  options: BackupRunOptions,
): Promise<StorageService> {
  const { backend } = into;
  if (!('path' in backend) || backend.path === ':memory:') {
    const storage = await source.open(into);
    await fillOrClose(id, source, storage, options);
    return storage;
  }
  if (await isThere(backend.path)) throw notEmpty(backend.path);
  const beside = `${backend.path}.restoring-${randomUUID()}`;
  try {
    const storage = await source.open({ ...into, backend: { ...backend, path: beside } });
    await fillOrClose(id, source, storage, options);
    // Closing empties the log: the file alone is the store then.
    await storage.close();
    if (await isThere(backend.path)) throw notEmpty(backend.path);
    await rename(beside, backend.path);
  } catch (error) {
    for (const end of ['', '-wal', '-shm']) await rm(`${beside}${end}`, { force: true });
    throw error;
  }
  return source.open(into);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function notEmpty(place: string): StorageError {
  return new StorageError(
    'STORE_NOT_EMPTY',
    `${place} is there already: restore to another place, look at it, and swap them yourself.`,
  );
}

async function fillOrClose(
  id: string,
  source: BackupSource,
  storage: StorageService,
  options: BackupRunOptions,
): Promise<PortableCounts> {
  try {
    return await fill(id, source, storage, options);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function fill(
  id: string,
  { target, keys }: BackupSource,
  storage: StorageService,
  options: BackupRunOptions,
): Promise<PortableCounts> {
  const stats = await storage.stats();
  if (stats.messages + stats.resources + stats.tombstones > 0) throw notEmpty('The store');
  const { body, dataKey } = await readManifest(id, await target.get(manifestName(id)), keys);
  const stream = readChunks(id, body.chunks, dataKey, target);
  const counts = await storage.importFrom(stream, {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onProgress: (progress) => options.onProgress?.({ ...progress, bytes: 0 }),
  });
  if (counts.messages !== body.counts.messages || counts.resources !== body.counts.resources) {
    throw damaged(id, 'it holds fewer or more records than its manifest says');
  }
  return counts;
}

/** Restores into a scratch store, reads all of it, and searches once. */
export async function verifyBackup(
  id: string,
  source: BackupSource,
  options: BackupRunOptions,
): Promise<PortableCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudops-verify-'));
  try {
    // In a private folder that is removed: no key is needed for it.
    const backend = { kind: 'embedded', path: join(folder, 'scratch.db') } as const;
    await using storage = await source.open({ backend, keys: noEncryption() });
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
