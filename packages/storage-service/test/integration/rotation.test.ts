import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import {
  envKey,
  fileKey,
  noEncryption,
  recoveryKey,
  StorageService,
  type KeySource,
} from 'cloudops-storage-service';
import { resources } from '../../src/testing/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const oldKeys = envKey('K', { K: Buffer.alloc(32, 1).toString('base64') });
const newKeys = envKey('K', { K: Buffer.alloc(32, 2).toString('base64') });
const open = (path: string, keys: KeySource) =>
  StorageService.open({ backend: { kind: 'embedded', path }, keys });

async function fill(storage: StorageService, count: number): Promise<void> {
  await storage.chat.appendMany(
    Array.from({ length: count }, (_, index) => ({
      conversation_id: 'c',
      role: 'user' as const,
      content: `message ${index}`,
    })),
  );
  await storage.estate.upsert(resources(count));
  await storage.estate.upsert(resources(count, () => ({ state: 'stopped' })));
}

function keyNumbers(path: string): unknown[] {
  const db = new DatabaseSync(path);
  const rows = db
    .prepare(
      `SELECT DISTINCT hex(substr(sealed, 2, 4)) AS number FROM
       (SELECT sealed FROM message UNION ALL SELECT sealed FROM body UNION ALL SELECT sealed FROM history) ORDER BY 1`,
    )
    .all();
  db.close();
  return rows.map((row) => row['number']);
}

it('encrypts everything anew, and moves to another key', async () => {
  const path = join(folder, 'moved.db');
  const storage = await open(path, oldKeys);
  await fill(storage, 600);
  expect(keyNumbers(path)).toEqual(['00000001']);
  expect(await storage.rotateKey({ keys: newKeys })).toEqual({ key_number: 2, resealed: 1800 });
  expect(keyNumbers(path)).toEqual(['00000002']);
  expect((await storage.chat.recent('c', { limit: 1 }))[0]?.content).toBe('message 599');
  await storage.close();
  await expect(open(path, oldKeys)).rejects.toMatchObject({ code: 'KEY_WRONG' });
  await using again = await open(path, newKeys);
  expect(await again.integrityCheck()).toMatchObject({ ok: true, messages: 600, resources: 600 });
  expect(await again.rotateKey()).toEqual({ key_number: 3, resealed: 1800 });
});

it('lets others that have the store open read and write through a rotation', async () => {
  const path = join(folder, 'shared.db');
  await using one = await open(path, oldKeys);
  await using two = await open(path, oldKeys);
  await fill(one, 20);
  await one.rotateKey();
  expect((await two.chat.recent('c', { limit: 1 }))[0]?.content).toBe('message 19');
  await using three = await open(path, oldKeys);
  await one.rotateKey();
  // It has not read anything since, and writes under the key it knows.
  await three.chat.append({ conversation_id: 'c', role: 'user', content: 'late' });
  expect(keyNumbers(path)).toEqual(['00000002', '00000003']);
  expect((await one.chat.recent('c', { limit: 1 }))[0]?.content).toBe('late');
  expect((await one.integrityCheck()).ok).toBe(true);
});

it('goes on where it was killed, both keys opening the store until then', async () => {
  const path = join(folder, 'killed.db');
  const [before, after] = [join(folder, 'key-before'), join(folder, 'key-after')];
  const storage = await open(path, fileKey(before));
  await fill(storage, 3000);
  await storage.close();
  const program = join(import.meta.dirname, '../programs/rotator.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=cloudops-source', program, path, before, after],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(keyNumbers(path)).toEqual(['00000001', '00000002']);

  for (const key of [before, after]) {
    await using either = await open(path, fileKey(key));
    expect((await either.chat.recent('c', { limit: 1 }))[0]?.content).toBe('message 2999');
    expect((await either.estate.list({ limit: 3000 })).records.length).toBe(3000);
  }
  await using finishing = await open(path, fileKey(before));
  const { key_number, resealed } = await finishing.rotateKey({ keys: fileKey(after) });
  expect(key_number).toBe(2);
  expect(resealed).toBeLessThan(9000);
  expect(keyNumbers(path)).toEqual(['00000002']);
  expect((await finishing.integrityCheck()).ok).toBe(true);
  await expect(open(path, fileKey(before))).rejects.toMatchObject({ code: 'KEY_WRONG' });
});

it('opens with a recovery key, also after rotations, and gets a new key by it', async () => {
  const path = join(folder, 'recovered.db');
  const storage = await open(path, oldKeys);
  await fill(storage, 10);
  const text = await storage.createRecoveryKey();
  await storage.rotateKey();
  const second = await storage.createRecoveryKey();
  await storage.close();
  for (const key of [text, second]) {
    await using recovered = await open(path, recoveryKey(key));
    expect((await recovered.chat.recent('c')).length).toBe(10);
    await expect(recovered.rotateKey()).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  }
  const other = Buffer.alloc(32, 9).toString('base64');
  await expect(open(path, recoveryKey(other))).rejects.toMatchObject({ code: 'KEY_WRONG' });
  await expect(open(path, recoveryKey('x'))).rejects.toMatchObject({ code: 'KEY_INVALID' });
  const recovering = await open(path, recoveryKey(text));
  await recovering.rotateKey({ keys: newKeys });
  await recovering.close();
  await expect(open(path, oldKeys)).rejects.toMatchObject({ code: 'KEY_WRONG' });
  await using renewed = await open(path, newKeys);
  expect((await renewed.chat.recent('c')).length).toBe(10);
  await using still = await open(path, recoveryKey(text));
  expect((await still.chat.recent('c')).length).toBe(10);
});

it('has no keys to rotate in a store without encryption', async () => {
  await using storage = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
  });
  await expect(storage.rotateKey()).rejects.toMatchObject({ code: 'ENCRYPTION_MISMATCH' });
  await expect(storage.createRecoveryKey()).rejects.toMatchObject({ code: 'ENCRYPTION_MISMATCH' });
});
