import { randomBytes, randomUUID } from 'node:crypto';
import { copyFile, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startFakeAws } from 'cloudops-fake-aws';
import {
  envKey,
  fileKey,
  recoveryKey,
  StorageService,
  type BackupOptions,
} from 'cloudops-storage-service';
import { resources, vectorOf } from '../../src/testing/fixtures.ts';
import { runWriter } from '../programs/run-writer.ts';
import { startQdrantStandIn } from '../qdrant/stand-in.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const keysOf = (byte: number) => envKey('K', { K: Buffer.alloc(32, byte).toString('base64') });
const newFolder = () => join(folder, randomUUID());

const open = (target: BackupOptions['target'], path = ':memory:', retention = {}) =>
  StorageService.open({
    backend: { kind: 'embedded', path },
    keys: keysOf(1),
    backup: { target, retention },
  });

async function fill(storage: StorageService, count = 300): Promise<void> {
  await storage.chat.appendMany(
    Array.from({ length: count }, (_, index) => ({
      conversation_id: `c${index % 3}`,
      role: 'user' as const,
      content: `MARKER ${index} ${randomUUID().repeat(20)}`,
    })),
  );
  const items = resources(count, () => ({
    attributes: { random: randomBytes(10_000).toString('base64') },
  }));
  await storage.estate.upsert(
    items.map(({ record }, index) => ({ record, vector: vectorOf(index) })),
  );
}

async function contentOf(storage: StorageService) {
  return {
    messages: (await storage.chat.list({ limit: 1000 })).messages.map((message) => message.content),
    records: (await storage.estate.list({ limit: 1000 })).records,
  };
}

it('backs up and restores into another store with other keys, in clear nowhere', async () => {
  const target = { kind: 'folder', path: newFolder() } as const;
  await using storage = await open(target);
  await fill(storage);
  const progress: number[] = [];
  const made = await storage.backups.run({ onProgress: ({ bytes }) => progress.push(bytes) });
  expect(made).toMatchObject({ messages: 300, resources: 300 });
  expect(made.chunks).toBe(progress.length);
  expect(await storage.backups.list()).toMatchObject([{ id: made.id, verified_at: null }]);
  expect(await storage.backups.verify(made.id)).toEqual({ messages: 300, resources: 300 });
  expect((await storage.backups.list())[0]?.verified_at).toMatch(/^20\d\d-/u);
  for (const name of await readdir(join(target.path, made.id))) {
    const file = join(target.path, made.id, name);
    expect((await readFile(file)).includes('MARKER')).toBe(false);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  }
  const path = join(folder, 'restored.db');
  const into = { backend: { kind: 'embedded', path } as const, keys: keysOf(2) };
  await using restored = await storage.backups.restore(made.id, into);
  expect(await contentOf(restored)).toEqual(await contentOf(storage));
  await expect(storage.backups.restore(made.id, into)).rejects.toMatchObject({
    code: 'STORE_NOT_EMPTY',
  });
  expect((await readdir(folder)).filter((name) => name.includes('restoring'))).toEqual([]);
  await expect(storage.backups.verify('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('restores across backends', async () => {
  const server = await startQdrantStandIn();
  const target = { kind: 'folder', path: newFolder() } as const;
  await using storage = await open(target);
  await fill(storage, 40);
  const { id } = await storage.backups.run();
  const backend = { kind: 'qdrant', url: server.url } as const;
  const into = { backend, keys: keysOf(2), backup: { target } };
  const moved = await storage.backups.restore(id, into);
  expect(await contentOf(moved)).toEqual(await contentOf(storage));
  const second = await moved.backups.run();
  const back = await moved.backups.restore(second.id, {
    backend: { kind: 'embedded', path: ':memory:' },
    keys: keysOf(3),
  });
  expect(await contentOf(back)).toEqual(await contentOf(storage));
  await back.close();
  await moved.close();
  await server.close();
});

it('names the chunk that is missing, swapped or changed; a cut-off upload is no backup', async () => {
  const target = { kind: 'folder', path: newFolder() } as const;
  await using storage = await open(target);
  await fill(storage, 900);
  const { id, chunks } = await storage.backups.run();
  expect(chunks).toBeGreaterThan(2);
  const at = (name: string) => join(target.path, id, name);
  const [first, second] = [at('chunk-000000'), at('chunk-000001')];
  await copyFile(first, `${folder}/first`);
  await copyFile(second, `${folder}/second`);
  const verification = () =>
    storage.backups.verify(id).then(
      () => 'fine',
      (error: Error) => error.message,
    );

  const flipped = await readFile(second);
  flipped[1000] = (flipped[1000] ?? 0) ^ 1;
  await writeFile(second, flipped);
  expect(await verification()).toContain('chunk-000001 was changed');
  await rm(second);
  expect(await verification()).toContain('chunk-000001 is missing');
  await copyFile(`${folder}/first`, second);
  await copyFile(`${folder}/second`, first);
  expect(await verification()).toContain('chunk-000000 was changed');
  await copyFile(`${folder}/first`, first);
  await copyFile(`${folder}/second`, second);
  expect(await verification()).toBe('fine');

  const manifest = await readFile(at('manifest.json'), 'utf8');
  await writeFile(at('manifest.json'), manifest.replace('"body":"AQ', '"body":"BQ'));
  expect(await verification()).toContain('manifest was changed');
  await rename(at('manifest.json'), join(folder, 'manifest.json'));
  expect(await storage.backups.list()).toEqual([]);
  // Too young to be given up.
  expect(await storage.backups.prune()).toEqual({ removed: [], kept: [] });
  await rename(join(target.path, id), join(target.path, '20200101T000000Z-00000000'));
  expect(await storage.backups.prune()).toMatchObject({ removed: ['20200101T000000Z-00000000'] });
});

it('prunes by retention, after a look', async () => {
  const target = { kind: 'folder', path: newFolder() } as const;
  await using storage = await open(target, ':memory:', { keep_last: 1 });
  await fill(storage, 5);
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) ids.push((await storage.backups.run()).id);
  await storage.backups.verify(ids[0] ?? '');
  const plan = { removed: [ids[1]], kept: [ids[2], ids[0]] };
  expect(await storage.backups.prune({ dryRun: true })).toEqual(plan);
  expect((await storage.backups.list()).length).toBe(3);
  expect(await storage.backups.prune()).toEqual(plan);
  expect((await storage.backups.list()).map((backup) => backup.id)).toEqual([ids[2], ids[0]]);
});

it('opens with the recovery key of the store, and with no other', async () => {
  const target = { kind: 'folder', path: newFolder() } as const;
  await using storage = await open(target);
  await fill(storage, 5);
  const text = await storage.createRecoveryKey();
  const { id } = await storage.backups.run();
  for (const [keys, code] of [
    [keysOf(9), 'KEY_WRONG'],
    [recoveryKey(text), 'fine'],
  ] as const) {
    await using elsewhere = await StorageService.open({
      backend: { kind: 'embedded', path: ':memory:' },
      keys: keysOf(5),
      backup: { target, keys },
    });
    const result = await elsewhere.backups.verify(id).then(
      () => 'fine',
      (error: { code: string }) => error.code,
    );
    expect(result).toBe(code);
  }
});

it('ends while another process writes without a pause, with an intact copy', async () => {
  const path = join(folder, 'busy.db');
  const key = join(folder, 'busy-key');
  const writer = runWriter([path, key, 'busy']);
  while (writer.messages.length < 30) await new Promise((resolve) => setTimeout(resolve, 10));
  const target = { kind: 'folder', path: newFolder() } as const;
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path },
    keys: fileKey(key),
    backup: { target },
  });
  const { id, messages } = await storage.backups.run();
  expect(messages).toBeGreaterThanOrEqual(30);
  expect((await storage.backups.verify(id)).messages).toBe(messages);
  writer.child.kill('SIGKILL');
  await writer.ended;
  await storage.close();
});

it('is an error where no place for backups was given', async () => {
  await using storage = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: keysOf(1),
  });
  expect(() => storage.backups).toThrow('backup');
});

let aws: Awaited<ReturnType<typeof startFakeAws>>;
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());

it('keeps backups in a bucket', async () => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const common = { endpoint: aws.endpointUrl, region: 'us-east-1', credentials };
  const client = new S3Client({ ...common, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'backups' }));
  client.destroy();
  for (const checksums of ['WHEN_SUPPORTED', 'WHEN_REQUIRED'] as const) {
    const target = {
      kind: 's3',
      bucket: 'backups',
      prefix: `${checksums}/`,
      checksums,
      ...common,
    } as const;
    await using storage = await open(target, ':memory:', { keep_last: 1 });
    await fill(storage, 100);
    const first = await storage.backups.run();
    const { id } = await storage.backups.run();
    expect((await storage.backups.list()).map((backup) => backup.id).toSorted()).toEqual(
      [first.id, id].toSorted(),
    );
    expect(await storage.backups.verify(id)).toEqual({ messages: 100, resources: 100 });
    expect((await storage.backups.prune()).removed).toEqual([first.id]);
    expect((await storage.backups.list()).map((backup) => backup.id)).toEqual([id]);
  }
  const missing = { kind: 's3', bucket: 'missing', ...common } as const;
  await using storage = await open(missing);
  await expect(storage.backups.run()).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
});
