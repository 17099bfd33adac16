import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterAll, expect, it, vi } from 'vitest';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { resources, vectorOf } from '../../src/testing/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();

/** All threads that were started here, in their order. */
const threads: { worker: Worker; opened: Promise<unknown> }[] = [];
const remember = (worker: Worker) => threads.push({ worker, opened: once(worker, 'message') });
process.on('worker', remember);
afterAll(() => process.off('worker', remember));

async function open(path = join(folder, `${randomUUID()}.db`), count = 300) {
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path },
    keys: noEncryption(),
  });
  if (count > 0) await storage.estate.upsert(withVectors(count));
  return { path, storage };
}

function withVectors(count: number, state = 'running') {
  return resources(count, () => ({ state })).map(({ record }, index) => ({
    record,
    vector: vectorOf(index),
  }));
}

function search(storage: StorageService, number = 7) {
  const text = `i-${String(number).padStart(6, '0')}`;
  return storage.estate.search({ text, vector: vectorOf(number) });
}

/** The thread that the first search starts, once it has opened the file: its first message says so. */
async function readingThread(storage: StorageService): Promise<Worker> {
  const before = threads.length;
  await search(storage);
  const [thread] = await vi.waitFor(() => {
    const started = threads.slice(before);
    expect(started.length).toBe(1);
    return started;
  }, 15_000);
  if (thread === undefined) throw new Error('No thread was started.');
  await thread.opened;
  return thread.worker;
}

/** The codes of the errors among the ends of calls. */
function errorsOf(ends: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return ends.flatMap((end) => (end.status === 'rejected' ? [Object(end.reason).code] : []));
}

it('searches and reads while a write waits for another process', async () => {
  const { path, storage } = await open();
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  const order: string[] = [];
  const writing = storage.estate
    .upsert(withVectors(300, 'stopped'))
    .then(() => order.push('wrote'));
  // The first search waits for the thread that it starts, not for the write.
  expect((await search(storage))[0]?.record).toMatchObject({ name: 'i-000007', state: 'running' });
  const stopped = { eq: { field: 'state', value: 'stopped' } };
  expect(await storage.estate.count(stopped)).toBe(0);
  expect((await storage.estate.list({ limit: 300 })).records.length).toBe(300);
  order.push('read');
  other.close();
  await writing;
  expect(order).toEqual(['read', 'wrote']);
  expect(await storage.estate.count(stopped)).toBe(300);
  await storage.close();
});

it('finds at once what was acknowledged, and no longer what was removed', async () => {
  const { storage } = await open();
  for (let round = 0; round < 40; round += 1) {
    const [item] = withVectors(1, `state-${round}`);
    await Promise.all([
      storage.estate.upsert(item ? [item] : []),
      storage.estate.upsert(withVectors(20).slice(1)),
      search(storage, round),
    ]);
    const filter = { eq: { field: 'state', value: `state-${round}` } };
    const [[found], [read], listed] = await Promise.all([
      storage.estate.search({ text: `state ${round}`, vector: vectorOf(0), filter }),
      storage.estate.get([item?.record.key ?? '']),
      storage.estate.list({ filter }),
    ]);
    expect([found?.record.state, read?.state, listed.records.length]).toEqual([
      `state-${round}`,
      `state-${round}`,
      1,
    ]);
  }
  const key = withVectors(1)[0]?.record.key ?? '';
  await storage.estate.remove([key]);
  const found = await storage.estate.search({ text: 'i-000000', vector: vectorOf(0) });
  expect(found.map(({ record }) => record.key)).not.toContain(key);
  await storage.close();
});

it('finds the same while the file is compacted', async () => {
  const { storage } = await open(undefined, 3000);
  const keysOf = (found: Awaited<ReturnType<typeof search>>) => found.map((one) => one.record.key);
  const before = keysOf(await search(storage));
  const state = { isOver: false };
  const compacting = storage.compact().finally(() => {
    state.isOver = true;
  });
  while (!state.isOver) expect(keysOf(await search(storage))).toEqual(before);
  await compacting;
  expect(keysOf(await search(storage))).toEqual(before);
  expect((await storage.integrityCheck()).problems).toEqual([]);
  await storage.close();
});

it('ends the searches under way when it is closed, and leaves one file', async () => {
  // Closed while the reading thread starts, and while it works.
  for (const searchesBefore of [0, 3]) {
    const { path, storage } = await open();
    for (let at = 0; at < searchesBefore; at += 1) await search(storage);
    const under = Array.from({ length: 20 }, (_, at) => search(storage, at));
    const ends = Promise.allSettled(under);
    await storage.close();
    expect(new Set([...errorsOf(await ends), 'CLOSED'])).toEqual(new Set(['CLOSED']));
    await expect(search(storage)).rejects.toMatchObject({ code: 'CLOSED' });
    const file = path.slice(folder.length + 1);
    expect((await readdir(folder)).filter((name) => name.startsWith(file))).toEqual([file]);
  }
});

it('goes on when a thread that reads is killed, and starts another', async () => {
  const { storage } = await open();
  const before = threads.length;
  const thread = await readingThread(storage);
  const under = Array.from({ length: 20 }, (_, at) => search(storage, at));
  const writing = storage.estate.upsert(withVectors(300, 'stopped'));
  await thread.terminate();
  for (const found of await Promise.all(under)) expect(found.length).toBe(20);
  expect((await writing).changed.length).toBe(300);
  await vi.waitFor(async () => {
    expect((await search(storage))[0]?.record.state).toBe('stopped');
    expect(threads.length).toBe(before + 2);
  }, 15_000);
  await storage.close();
});

it('does not read another file that was put in the place of the open one', async () => {
  const { path, storage } = await open();
  for (const part of ['', '-wal', '-shm']) await rename(path + part, `${path}.moved${part}`);
  await using another = (await open(path, 0)).storage;
  await readingThread(storage);
  for (let round = 0; round < 10; round += 1) {
    expect((await search(storage)).length).toBe(20);
    expect((await search(another)).length).toBe(0);
  }
  await storage.close();
});

it('reads and checks the same file after the process has changed its folder', async () => {
  const file = `${randomUUID()}.db`;
  const [here, there] = [process.cwd(), join(folder, 'there')];
  await mkdir(there);
  await (await open(join(there, file), 0)).storage.close();
  process.chdir(folder);
  try {
    const { storage } = await open(file);
    process.chdir(there);
    await readingThread(storage);
    for (let round = 0; round < 10; round += 1) {
      const [first] = await search(storage);
      expect(first?.record.name).toBe('i-000007');
    }
    const empty = join(folder, 'empty');
    await mkdir(empty);
    process.chdir(empty);
    expect(await storage.integrityCheck()).toMatchObject({ ok: true, resources: 300 });
    expect(await readdir(empty)).toEqual([]);
    await storage.close();
  } finally {
    process.chdir(here);
  }
});

it('lets a process end that did not close its store', async () => {
  const { path, storage } = await open();
  await storage.close();
  const program = join(import.meta.dirname, '../programs/searcher.ts');
  const run = promisify(execFile);
  const { stderr } = await run(process.execPath, ['--conditions=cloudops-source', program, path]);
  expect(stderr).toBe('');
});
