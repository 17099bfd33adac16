import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { StorageError } from '../../errors.ts';

/** Who uses a storage folder: the process that owns the server, and the process group of the server. */
const Lock = z.object({ host: z.int(), group: z.int().nullable() });
type Lock = z.infer<typeof Lock>;

/** A server whose owner died is ended by its wrapper, which takes at most so long. */
const orphanTimeoutMs = 20_000;

/** A folder that only one server may use at a time: two on the same files would ruin them. */
export interface StorageLock {
  /** Notes the process group of the server. */
  hold(group: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes a folder, which is made if it is not there. What a dead process left behind is taken over once its server has ended.
 *
 * @throws StorageError `STORE_BUSY` when another process uses it, `STORE_UNAVAILABLE` when it cannot be written
 */
export async function lockStorage(folder: string): Promise<StorageLock> {
  const path = join(folder, 'cloudops.lock');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const deadline = Date.now() + orphanTimeoutMs;
    while (!(await take(path))) {
      const lock = await readLock(path);
      const isFree = lock === null || (!isAlive(lock.host) && !isAlive(-(lock.group ?? lock.host)));
      if (isFree) await rm(path, { force: true });
      else if (isAlive(lock.host) || Date.now() > deadline) throw busy(folder, lock);
      else await delay(100);
    }
  } catch (error) {
    if (StorageError.is(error)) throw error;
    throw new StorageError('STORE_UNAVAILABLE', `${folder} cannot be used as storage.`, {
      cause: error,
    });
  }
  return {
    hold: (group) => writeFile(path, JSON.stringify({ host: process.pid, group } satisfies Lock)),
    release: () => rm(path, { force: true }),
  };
}

async function take(path: string): Promise<boolean> {
  try {
    const lock: Lock = { host: process.pid, group: null };
    await writeFile(path, JSON.stringify(lock), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Null when it says nothing: its writer died before it had written, or is just writing. */
async function readLock(path: string): Promise<Lock | null> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const text = await readFile(path, 'utf8').catch(() => '');
    try {
      return Lock.parse(JSON.parse(text));
    } catch {
      await delay(50);
    }
  }
  return null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Of another user, but there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function busy(folder: string, lock: Lock): StorageError {
  return new StorageError(
    'STORE_BUSY',
    `${folder} is used by the process ${lock.host}: close it there first, or connect to that server by its URL.`,
    { details: { folder, process: lock.host }, retryable: true },
  );
}
