import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { fileKey, StorageService, type BackupTarget } from 'cloudops-storage-service';
import { FolderTarget } from '../../src/backup/folder-target.ts';
import { resources } from '../../src/testing/fixtures.ts';
import { startQdrantStandIn } from '../qdrant/stand-in.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const key = join(folder, 'key');
const path = join(folder, 'store.db');
const newFolder = () => join(folder, randomUUID());

const open = (backups: string, retention = {}) =>
  StorageService.open({
    backend: { kind: 'embedded', path },
    keys: fileKey(key),
    backup: { target: { kind: 'folder', path: backups }, retention },
  });

/** Random data: nothing to compress, so that there are several chunks. */
async function fill(storage: StorageService): Promise<void> {
  if ((await storage.estate.count()) > 0) return;
  await storage.estate.upsert(
    resources(1500, () => ({ attributes: { random: randomBytes(10_000).toString('base64') } })),
  );
}

it('has no backup of an upload that was killed, and keeps the older one', async () => {
  const backups = newFolder();
  await using storage = await open(backups, { keep_last: 1 });
  await fill(storage);
  const older = await storage.backups.run();
  const program = join(import.meta.dirname, '../programs/backup-runner.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=cloudops-source', program, path, key, backups],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let chunks = 0;
  for await (const _ of createInterface({ input: child.stdout })) {
    chunks += 1;
    if (chunks === 3) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const killed = (await readdir(backups)).find((name) => name !== older.id) ?? '';
  expect((await readdir(join(backups, killed))).length).toBeGreaterThanOrEqual(3);
  expect((await storage.backups.list()).map((backup) => backup.id)).toEqual([older.id]);
  await expect(storage.backups.verify(killed)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await storage.backups.prune()).toEqual({ removed: [], kept: [older.id] });
  expect(await storage.backups.verify(older.id)).toEqual({ messages: 0, resources: 1500 });
  // A day later it is given up, with all that it left.
  const given = killed.replace(/^\d{8}/u, '20200101');
  await rename(join(backups, killed), join(backups, given));
  expect(await storage.backups.prune()).toEqual({ removed: [given], kept: [older.id] });
  expect(await readdir(join(backups, given)).catch(() => [])).toEqual([]);
});

it('shows a backup whose manifest is damaged as such, and works with the others', async () => {
  const backups = newFolder();
  await using storage = await open(backups, { keep_last: 1 });
  const good = await storage.backups.run();
  const bad = await storage.backups.run();
  const manifest = join(backups, bad.id, 'manifest.json');
  const bytes = await readFile(manifest);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(manifest, bytes);
  const listed = await storage.backups.list();
  expect(listed.find((backup) => backup.id === bad.id)).toMatchObject({
    problem: expect.stringContaining('manifest cannot be read'),
    created_at: expect.stringMatching(/^20\d\d-/u),
  });
  await expect(storage.backups.verify(bad.id)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  expect((await storage.backups.prune()).removed).toEqual([]);
  expect(await storage.backups.status()).toMatchObject({
    newest: { id: good.id },
    verified: null,
    verified_age_ms: null,
  });
  await storage.backups.verify(good.id);
  const { verified, verified_age_ms } = await storage.backups.status();
  expect(verified?.id).toBe(good.id);
  expect(verified_age_ms).toBeGreaterThanOrEqual(0);
});

it('gives a restore up when it is told to, and leaves nothing behind', async () => {
  const backups = newFolder();
  await using storage = await open(backups);
  await fill(storage);
  const { id } = await storage.backups.run();
  const controller = new AbortController();
  const seen: number[] = [];
  const place = newFolder();
  const into = { backend: { kind: 'embedded', path: place }, keys: fileKey(key) } as const;
  const restoring = storage.backups.restore(id, into, {
    signal: controller.signal,
    onProgress: ({ resources: count }) => {
      seen.push(count);
      if (count >= 400) controller.abort();
    },
  });
  await expect(restoring).rejects.toMatchObject({ code: 'ABORTED' });
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect((await readdir(folder)).filter((name) => name.includes(place.slice(-12)))).toEqual([]);
  await using restored = await storage.backups.restore(id, into);
  expect(await restored.estate.count()).toBe(1500);
  // Over a store that is in use, as little as over one that is not.
  await expect(storage.backups.restore(id, into)).rejects.toMatchObject({
    code: 'STORE_NOT_EMPTY',
  });
  await expect(
    storage.backups.restore(id, { backend: { kind: 'embedded', path }, keys: fileKey(key) }),
  ).rejects.toMatchObject({ code: 'STORE_NOT_EMPTY' });
});

it('goes on with a restore into a server that was cut off, and with no other', async () => {
  const backup = { target: { kind: 'folder' as const, path: newFolder() } };
  const keys = fileKey(key);
  const backend = { kind: 'embedded', path: ':memory:' } as const;
  await using storage = await StorageService.open({ backend, keys, backup });
  const said = { conversation_id: 'c', role: 'user' } as const;
  await storage.chat.appendMany(
    Array.from({ length: 500 }, (_, index) => ({ ...said, content: `${index}` })),
  );
  await storage.estate.upsert(resources(700));
  const other = await storage.backups.run();
  const { id } = await storage.backups.run();
  const server = await startQdrantStandIn();
  const at = (collectionPrefix: string) =>
    ({ backend: { kind: 'qdrant', url: server.url, collectionPrefix }, keys }) as const;
  // Of two at once, one: not a mixture.
  const both = await Promise.allSettled(
    [id, other.id].map((one) => storage.backups.restore(one, at('both'))),
  );
  for (const one of both) if (one.status === 'fulfilled') await one.value.close();
  expect(both.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  const into = at('cut');
  for (const cutAt of [200, 900]) {
    const controller = new AbortController();
    const restoring = storage.backups.restore(id, into, {
      signal: controller.signal,
      onProgress: (done) => {
        if (done.messages + done.resources >= cutAt) controller.abort();
      },
    });
    await expect(restoring).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(storage.backups.restore(other.id, into)).rejects.toMatchObject({
      code: 'STORE_NOT_EMPTY',
      message: expect.stringContaining(id),
    });
  }
  await using restored = await storage.backups.restore(id, into);
  const contents = async ({ chat }: StorageService) =>
    (await chat.recent('c', { limit: 1000 })).map(({ content }) => content);
  expect(await contents(restored)).toEqual(await contents(storage));
  const all = { limit: 1000 };
  expect(await restored.estate.list(all)).toEqual(await storage.estate.list(all));
  // It is a store like any other now.
  for (const again of [id, other.id]) {
    await expect(storage.backups.restore(again, into)).rejects.toMatchObject({
      code: 'STORE_NOT_EMPTY',
      message: expect.stringContaining('another collectionPrefix'),
    });
  }
  await server.close();
});

it('restores nothing where the log of another store would get into it', async () => {
  const path2 = join(folder, 'logged.db');
  const backup = { target: { kind: 'folder' as const, path: newFolder() } };
  const backend = { kind: 'embedded', path: path2 } as const;
  await using storage = await StorageService.open({ backend, keys: fileKey(key), backup });
  const { id } = await storage.backups.run();
  await storage.chat.append({ conversation_id: 'c', role: 'user', content: 'later' });
  const place = join(folder, 'moved-away.db');
  const restored = () =>
    storage.backups.restore(id, { backend: { kind: 'embedded', path: place }, keys: fileKey(key) });
  // What is left of a killed store whose file was moved away.
  await copyFile(`${path2}-wal`, `${place}-wal`);
  await expect(restored()).rejects.toMatchObject({
    code: 'STORE_NOT_EMPTY',
    message: expect.stringContaining('moved-away.db-wal'),
  });
  await rm(`${place}-wal`);
  await symlink(join(folder, 'nowhere'), place);
  await expect(restored()).rejects.toMatchObject({ code: 'STORE_NOT_EMPTY' });
  await rm(place);
  await using again = await restored();
  expect((await again.stats()).messages).toBe(0);
  expect((await readdir(folder)).filter((name) => name.includes('restoring'))).toEqual([]);
});

it('lists, checks and prunes while others prune and check the same', async () => {
  const backups = newFolder();
  const place = new FolderTarget(backups);
  let pruned: string | null = null;
  const target: BackupTarget = {
    place: backups,
    put: (name, bytes) => place.put(name.replace(/verified-.*/u, 'verified-now'), bytes),
    get: (name) => place.get(name),
    remove: (name) => place.remove(name),
    list: async (prefix) => {
      const names = await place.list(prefix);
      // Another process prunes one between the look at the names and the look at the manifests.
      if (pruned !== null) await place.remove(`${pruned}/manifest.json`);
      return names;
    },
  };
  const backend = { kind: 'embedded', path: ':memory:' } as const;
  await using storage = await StorageService.open({
    backend,
    keys: fileKey(key),
    backup: { target },
  });
  const first = await storage.backups.run();
  const second = await storage.backups.run();
  // The mark of one is there already when the other puts its own.
  await storage.backups.verify(first.id);
  expect(await storage.backups.verify(first.id)).toEqual({ messages: 0, resources: 0 });
  pruned = first.id;
  expect((await storage.backups.list()).map(({ id }) => id)).toEqual([second.id]);
  expect((await storage.backups.status()).newest?.id).toBe(second.id);
  expect((await storage.backups.prune()).kept).toEqual([second.id]);
});
