import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileKey, StorageService } from 'cloudops-storage-service';
import { runWriter } from '../programs/run-writer.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();

it('loses nothing, and locks nobody out, when three processes make and fill one store', async () => {
  const path = join(folder, 'shared.db');
  const key = join(folder, 'key');
  const writers = ['a', 'b', 'c'].map((name) => runWriter([path, key, name, '40']));
  for (const writer of writers) {
    expect([await writer.ended, writer.errors()]).toEqual([0, '']);
    expect(writer.messages.length).toBe(120);
  }
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path },
    keys: fileKey(key),
  });
  const all = await Promise.all(
    ['a', 'b', 'c'].map((name) => storage.chat.recent(name, { limit: 1000 })),
  );
  expect(all.map((messages) => messages.length)).toEqual([120, 120, 120]);
  expect(new Set(all.flat().map((message) => message.seq)).size).toBe(360);
  expect(await storage.estate.count()).toBe(120);
  await storage.close();
});

it('keeps one resource whole while two processes upsert it', async () => {
  const path = join(folder, 'contended.db');
  const key = join(folder, 'key');
  const writers = [1, 2].map(() => runWriter([path, key, 'same', '30']));
  for (const writer of writers) expect([await writer.ended, writer.errors()]).toEqual([0, '']);
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path },
    keys: fileKey(key),
  });
  expect(await storage.estate.count()).toBe(30);
  expect((await storage.estate.search({ text: 'same-7' }))[0]?.record.name).toBe('same-7');
  await storage.close();
});
