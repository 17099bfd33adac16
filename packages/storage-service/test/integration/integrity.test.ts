import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { getLoadablePath } from 'sqlite-vec';
import { expect, it } from 'vitest';
import { envKey, noEncryption, StorageService } from 'cloudops-storage-service';
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
      vector: index === 0 ? null : vectorOf(index),
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
  const later = new DatabaseSync(path);
  later.exec(`UPDATE history SET sealed = ${changed} WHERE rid = 5`);
  const [fifth] = later.prepare('SELECT key FROM resource WHERE rid = 5').all();
  later.close();
  const again = await storage.integrityCheck();
  expect(again.problems.map(({ collection, id }) => ({ collection, id }))).toEqual([
    { collection: 'chat', id: message?.['id'] },
    { collection: 'estate', id: fifth?.['key'] },
  ]);
});

it('names what was changed in clear: records, columns, vectors, roles and times', async () => {
  const changes: Readonly<Record<string, string>> = {
    record: "UPDATE body SET clear = replace(clear, 'running', 'runninh') WHERE rid = 600",
    'no record': `UPDATE body SET clear = replace(clear, '"tags":', '"tags"') WHERE rid = 600`,
    column: "UPDATE resource SET state = 'runninh' WHERE rid = 600",
    hash: "UPDATE digest SET content_hash = 'other' WHERE rid = 600",
    vector:
      "UPDATE vector SET v = CAST(substr(v, 1, 9) || x'00' || substr(v, 11) AS BLOB) WHERE rid = 600",
    'first seen': "UPDATE resource SET first_seen = '2026-01-01T00:00:00.200Z' WHERE rid = 600",
    'last seen': "UPDATE resource SET last_seen = '2026-01-01T40:00:00.000Z' WHERE rid = 600",
    code: 'UPDATE resource SET code = zeroblob(48) WHERE rid = 600',
    'no vector': 'DELETE FROM vector WHERE rid = 600',
  };
  const messages: Readonly<Record<string, string>> = {
    role: "UPDATE message SET role = 'system' WHERE seq = 3",
    time: "UPDATE message SET created_at = '2020-01-01T00:00:00.000Z' WHERE seq = 3",
  };
  const path = join(folder, 'changed.db');
  await using storage = await open(path);
  await fill(storage);
  const { records } = await storage.estate.list({ limit: 700 });
  const db = new DatabaseSync(path, { allowExtension: true });
  db.loadExtension(getLoadablePath());
  const kept = ['body', 'resource', 'digest', 'vector', 'message'];
  for (const table of kept) db.exec(`CREATE TEMP TABLE ${table}_kept AS SELECT * FROM ${table}`);
  for (const [name, sql] of Object.entries({ ...changes, ...messages })) {
    db.exec(sql);
    const { ok, problems } = await storage.integrityCheck();
    expect([name, ok, problems.length]).toEqual([name, false, 1]);
    const named = Object.hasOwn(changes, name)
      ? (records[599]?.key ?? '')
      : 'its conversation, role';
    expect(problems[0]?.message).toContain(named);
    for (const table of kept) db.exec(`REPLACE INTO ${table} SELECT * FROM ${table}_kept`);
  }
  expect((await storage.integrityCheck()).ok).toBe(true);
  db.exec(changes['no record'] ?? '');
  await expect(storage.estate.list({ limit: 700 })).rejects.toMatchObject({
    code: 'STORE_CORRUPT',
  });
  expect((await storage.estate.list({ limit: 500 })).records.length).toBe(500);
  // What cannot be read can be removed, and a scan makes it anew.
  expect(await storage.estate.remove([records[599]?.key ?? ''])).toBe(1);
  expect((await storage.integrityCheck()).ok).toBe(true);
  db.close();
});

it('names a changed bit of content in a store without encryption', async () => {
  const path = join(folder, 'clear.db');
  const backend = { kind: 'embedded', path } as const;
  await using storage = await StorageService.open({ backend, keys: noEncryption() });
  await fill(storage);
  const db = new DatabaseSync(path);
  db.exec(
    "UPDATE message SET sealed = CAST(replace(CAST(sealed AS TEXT), 'message 5', 'message 6') AS BLOB) WHERE seq = 6",
  );
  db.exec(
    "UPDATE body SET sealed = CAST(substr(sealed, 1, 9) || x'22' || substr(sealed, 11) AS BLOB) WHERE rid = 7",
  );
  db.close();
  const { problems } = await storage.integrityCheck();
  expect(
    problems.map(({ collection, message }) => [collection, /was changed/u.test(message)]),
  ).toEqual([
    ['chat', true],
    ['estate', true],
  ]);
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
