import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, statfsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { envKey, noEncryption, StorageError, StorageService } from 'cloudops-storage-service';
import { resources } from '../../src/testing/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const disk = join(temporaryFolder(), 'disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]).status === 0;
if (!mounted) console.log('full disk: skipped, a tmpfs cannot be mounted here (needs root)');
afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', disk]);
});

it.skipIf(!mounted)(
  'says that the disk is full, stays readable, and goes on when there is room',
  async () => {
    const ballast = join(disk, 'ballast');
    await writeFile(ballast, Buffer.alloc(1024 * 1024));
    const storage = await StorageService.open({
      backend: { kind: 'embedded', path: join(disk, 'store.db') },
      keys: noEncryption(),
    });
    const { chat, estate } = storage;
    await estate.upsert(resources(10));
    const acknowledged: string[] = [];
    let failure: unknown = null;
    while (failure === null) {
      const sent = Array.from({ length: 5 }, (_, index) => `${acknowledged.length + index}`);
      const results = await Promise.allSettled(
        sent.map((name) =>
          chat.append({
            conversation_id: 'c',
            role: 'user',
            content: `${name} ${'x'.repeat(50_000)}`,
          }),
        ),
      );
      for (const result of results) {
        if (result.status === 'fulfilled') acknowledged.push(result.value.id);
        else failure = result.reason;
      }
    }
    expect(StorageError.is(failure) && [failure.code, failure.retryable]).toEqual([
      'STORE_FULL',
      true,
    ]);
    expect(statfsSync(disk).type).toBe(0x01021994);
    // What cannot be written may be refused again and again, but what is there can be read.
    const found = await chat.recent('c', { limit: 1000 });
    expect(found.map((message) => message.id)).toEqual(acknowledged);
    expect(await estate.count()).toBe(10);
    await expect(
      chat.append({ conversation_id: 'c', role: 'user', content: 'y'.repeat(3_000_000) }),
    ).rejects.toMatchObject({ code: 'STORE_FULL' });

    await rm(ballast);
    const next = await chat.append({ conversation_id: 'c', role: 'user', content: 'room again' });
    expect((await chat.recent('c', { limit: 1 }))[0]).toEqual(next);
    await storage.close();
  },
);

it.skipIf(!mounted)('says that the disk is full for a backup and a restore too', async () => {
  const folder = temporaryFolder();
  const keys = envKey('K', { K: Buffer.alloc(32, 7).toString('base64') });
  const open = (target: string) =>
    StorageService.open({
      backend: { kind: 'embedded', path: join(folder, 'whole.db') },
      keys,
      backup: { target: { kind: 'folder', path: target } },
    });
  await using storage = await open(join(folder, 'backups'));
  const items = resources(800, () => ({
    attributes: { random: randomBytes(10_000).toString('base64') },
  }));
  await storage.estate.upsert(items);
  const { id } = await storage.backups.run();
  const place = join(disk, 'restored.db');
  await expect(
    storage.backups.restore(id, { backend: { kind: 'embedded', path: place }, keys }),
  ).rejects.toMatchObject({ code: 'STORE_FULL' });
  // Nothing is left: there is room for what fits.
  expect(readdirSync(disk).filter((name) => name.startsWith('restored'))).toEqual([]);
  await using elsewhere = await open(join(disk, 'backups'));
  await expect(elsewhere.backups.run()).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(await elsewhere.backups.list()).toEqual([]);
  expect(await storage.backups.verify(id)).toEqual({ messages: 0, resources: 800 });
});

it.skipIf(!mounted)('says that a disk is read-only', async () => {
  for (const name of readdirSync(disk)) await rm(join(disk, name), { recursive: true });
  const path = join(disk, 'readonly.db');
  const open = () =>
    StorageService.open({ backend: { kind: 'embedded', path }, keys: noEncryption() });
  await (await open()).close();
  expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0);
  try {
    await expect(open()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  } finally {
    spawnSync('mount', ['-o', 'remount,rw', disk]);
  }
  await (await open()).close();
});
