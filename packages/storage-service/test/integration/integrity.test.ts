import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { envKey, StorageService } from 'cloudops-storage-service';
import { resources, vectorOf } from '../../src/testing/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const keys = envKey('K', { K: Buffer.alloc(32, 7).toString('base64') });
const open = (path: string) => StorageService.open({ backend: { kind: 'embedded', path }, keys });

async function fill(storage: StorageService): Promise<void> {
  await storage.chat.appendMany(
    Array.from({ length: 700 }, (_, index) => ({
      conversation_id: `c${index % 3}`,
      role: 'user' as const,
      content: `message ${index}`,
    })),
  );
  await storage.estate.upsert(
    resources(700, () => ({ attributes: { pad: 'x'.repeat(500) } })).map(({ record }, index) => ({
      record,
      vector: vectorOf(index),
    })),
  );
}

it('finds a sound store sound, in a file and in memory', async () => {
  for (const path of [join(folder, 'sound.db'), ':memory:']) {
    await using storage = await open(path);
    await fill(storage);
    const progress: number[] = [];
    const report = await storage.integrityCheck({
      onProgress: ({ messages, resources: count }) => progress.push(messages + count),
    });
    expect(report).toEqual({ ok: true, messages: 700, resources: 700, problems: [] });
    expect(progress).toEqual([500, 700, 1200, 1400]);
  }
});

it('names what was changed in ciphertext, and loses nothing else', async () => {
  const path = join(folder, 'flipped.db');
  await using storage = await open(path);
  await fill(storage);
  const db = new DatabaseSync(path);
  const [message] = db.prepare('SELECT id FROM message WHERE seq = 650').all();
  const [resource] = db.prepare('SELECT key FROM resource WHERE rid = 600').all();
  const changed = "CAST(substr(sealed, 1, 40) || x'deadbeef' || substr(sealed, 45) AS BLOB)";
  db.exec(`UPDATE message SET sealed = ${changed} WHERE seq = 650`);
  db.exec(`UPDATE body SET sealed = ${changed} WHERE rid = 600`);
  db.close();
  const report = await storage.integrityCheck();
  expect([report.ok, report.messages, report.resources]).toEqual([false, 699, 699]);
  expect(report.problems.map(({ collection, id }) => ({ collection, id }))).toEqual([
    { collection: 'chat', id: message?.['id'] },
    { collection: 'estate', id: resource?.['key'] },
  ]);
  // A scan that finds the resource again heals it.
  await storage.estate.upsert(resources(700, () => ({ state: 'healed' })));
  expect((await storage.integrityCheck()).problems.length).toBe(1);
});

it('notices rows that lost their counterpart', async () => {
  const path = join(folder, 'orphans.db');
  await using storage = await open(path);
  await fill(storage);
  const db = new DatabaseSync(path);
  db.exec('DELETE FROM body WHERE rid = 5; DELETE FROM message WHERE seq = 1');
  db.close();
  const report = await storage.integrityCheck();
  expect(report.problems.map((problem) => problem.message)).toEqual([
    '1 resources have no row in body',
    '1 conversations have a wrong number of messages',
  ]);
});

it('gives the disk back what removed data took', async () => {
  const path = join(folder, 'compact.db');
  await using storage = await open(path);
  await fill(storage);
  const keysOf = (await storage.estate.list({ limit: 1000 })).records.map((record) => record.key);
  await storage.estate.remove(keysOf.slice(10));
  const { bytes_before, bytes_after } = await storage.compact();
  expect(bytes_after ?? 0).toBeLessThan((bytes_before ?? 0) / 3);
  expect(statSync(path).size).toBe(bytes_after);
  expect((await storage.integrityCheck()).ok).toBe(true);
  expect(await storage.estate.count()).toBe(10);
  expect(
    (await storage.estate.search({ text: 'i-000003', vector: vectorOf(3) }))[0]?.record.name,
  ).toBe('i-000003');
});
