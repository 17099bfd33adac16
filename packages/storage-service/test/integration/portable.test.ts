import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { envKey, noEncryption, StorageError, StorageService } from 'cloudops-storage-service';
import { resource, resources, vectorOf } from '../../src/testing/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const keysOf = (byte: number) => envKey('K', { K: Buffer.alloc(32, byte).toString('base64') });
const open = (path = ':memory:', keys = keysOf(1)) =>
  StorageService.open({ backend: { kind: 'embedded', path }, keys });

async function fill(storage: StorageService): Promise<void> {
  await storage.chat.appendMany(
    Array.from({ length: 1200 }, (_, index) => ({
      conversation_id: `c${index % 2}`,
      role: 'user' as const,
      content: `message ${index} \u2028 😀 \n`,
      metadata: { index },
    })),
  );
  const items = resources(1200, (index) => ({
    embedding: { model: 'm', text_hash: String(index) },
  })).map(({ record }, index) => ({
    record,
    vector: index % 3 === 0 ? undefined : vectorOf(index),
  }));
  await storage.estate.upsert(items);
  await storage.estate.upsert([
    { record: { ...(items[0]?.record ?? resource('i-000000')), state: 'stopped' } },
  ]);
  await storage.estate.upsert(
    items.slice(0, 1000).map(({ record }) => ({ record: { ...record, scan_id: 's' } })),
  );
  await storage.estate.markMissing({ scope: { account_id: '111111111111' }, scan_id: 's' });
}

async function contentOf(storage: StorageService) {
  const messages = (await storage.chat.list({ limit: 1000 })).messages.map(
    ({ seq: _seq, ...message }) => message,
  );
  const everything = { any: [{ exists: { field: 'missing_since' } }, { all: [] }] };
  const { records } = await storage.estate.list({ filter: everything, limit: 10_000 });
  const history = await storage.estate.history(records[0]?.key ?? '');
  const found = await storage.estate.search({ vector: vectorOf(4), limit: 50 });
  return {
    messages,
    records,
    history,
    found: found.map(({ record, score }) => [record.key, score.toFixed(5)]),
  };
}

it('exports everything, and takes it in under other keys, tombstones, history and vectors too', async () => {
  await using from = await open();
  await fill(from);
  const path = join(folder, 'export.ndjson');
  const file = createWriteStream(path);
  await from.exportTo(file);
  file.end();
  await finished(file);
  await using to = await open(':memory:', keysOf(2));
  expect(await to.importFrom(createReadStream(path))).toEqual({ messages: 1200, resources: 1200 });
  expect(await contentOf(to)).toEqual(await contentOf(from));
  expect(await to.stats()).toMatchObject({
    messages: 1200,
    resources: 1000,
    tombstones: 200,
    vectors: 800,
  });
  expect(await to.importFrom(createReadStream(path))).toEqual({ messages: 1200, resources: 1200 });
  expect(await contentOf(to)).toEqual(await contentOf(from));
  expect((await to.integrityCheck()).ok).toBe(true);
});

it('notices an export that is cut off, changed or none', async () => {
  await using from = await open();
  await fill(from);
  const path = join(folder, 'whole.ndjson');
  const file = createWriteStream(path);
  await from.exportTo(file);
  file.end();
  await finished(file);
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const importOf = async (changed: readonly string[]) => {
    await using to = await open(':memory:', keysOf(2));
    try {
      await to.importFrom(Readable.from(changed.map((line) => `${line}\n`)));
      return 'taken in';
    } catch (error) {
      return StorageError.is(error) ? `${error.code} ${error.message}` : String(error);
    }
  };
  expect(await importOf(lines)).toBe('taken in');
  expect(await importOf(lines.slice(0, -1))).toContain('cut off');
  expect(await importOf(lines.slice(1))).toContain('not in order');
  expect(await importOf(lines.toSpliced(5, 1))).toContain('fewer or more');
  expect(await importOf(lines.with(5, '{"type":"message"}'))).toContain(
    'INVALID_INPUT line 6: message',
  );
  expect(await importOf(['garbage'])).toContain('line 1: not JSON');
  expect(await importOf([])).toContain('cut off');
  expect(
    await importOf(lines.with(0, (lines[0] ?? '').replace('"version":1', '"version":2'))),
  ).toContain('update this package');
});

it('copies one store into another, going on after an interruption', async () => {
  await using from = await open();
  await fill(from);
  const path = join(folder, 'target.db');
  const to = await open(path, keysOf(2));
  const controller = new AbortController();
  const migration = from.migrateTo(to, {
    signal: controller.signal,
    onProgress: ({ messages }) => {
      if (messages >= 500) controller.abort();
    },
  });
  await expect(migration).rejects.toMatchObject({ code: 'ABORTED' });
  expect((await to.stats()).messages).toBe(500);
  await to.close();
  await using again = await open(path, keysOf(2));
  expect(await from.migrateTo(again)).toEqual({ messages: 700, resources: 1200 });
  expect(await contentOf(again)).toEqual(await contentOf(from));
  expect(await from.migrateTo(again)).toEqual({ messages: 1200, resources: 1200 });
  expect(await contentOf(again)).toEqual(await contentOf(from));
});

it('tells how it is and how much it holds', async () => {
  const storage = await open();
  await fill(storage);
  expect(await storage.health()).toMatchObject({
    status: 'ok',
    backend: 'embedded',
    encryption: 'xaes-256-gcm',
    key_source: 'env',
    is_rotating: false,
    embedding: { model: 'm', dimensions: 384 },
    error: null,
  });
  const stats = await storage.stats();
  expect(stats).toMatchObject({ conversations: 2, history_entries: 202 });
  await storage.close();
  expect(await storage.health()).toMatchObject({
    status: 'unavailable',
    error: { code: 'CLOSED' },
  });
  await using clear = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
  });
  expect(await clear.health()).toMatchObject({
    encryption: 'none',
    key_source: null,
    embedding: null,
  });
});
