import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  envKey,
  fileKey,
  noEncryption,
  osKeychain,
  StorageService,
  type KeySource,
  type NoEncryption,
} from 'cloudops-storage-service';
import { resource } from '../../src/testing/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
let files = 0;
const newPath = () => join(folder, `${(files += 1)}`);
const key = Buffer.alloc(32, 7).toString('base64');
const otherKey = Buffer.alloc(32, 8).toString('base64');

function open(path: string, keys: KeySource | NoEncryption): Promise<StorageService> {
  return StorageService.open({ backend: { kind: 'embedded', path }, keys });
}

async function codeOfOpen(path: string, keys: KeySource | NoEncryption): Promise<string> {
  try {
    const storage = await open(path, keys);
    await storage.close();
    return 'opened';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

async function makeStore(keys: KeySource | NoEncryption): Promise<string> {
  const path = newPath();
  const storage = await open(path, keys);
  await storage.chat.append({ conversation_id: 'c', role: 'user', content: 'MARKER-content' });
  await storage.chat.append({
    conversation_id: 'c',
    role: 'execution',
    content: 'MARKER-output',
    metadata: { stderr: 'MARKER-metadata' },
  });
  await storage.estate.upsert([
    { record: resource('i-1', { attributes: { password: 'MARKER-attribute' } }) },
  ]);
  await storage.close();
  return path;
}

it('leaves no plain text of content, output or attributes in the files', async () => {
  const path = await makeStore(envKey('K', { K: key }));
  const clear = await makeStore(noEncryption());
  for (const marker of ['content', 'output', 'metadata', 'attribute']) {
    expect((await readFile(path)).includes(`MARKER-${marker}`)).toBe(false);
    expect((await readFile(clear)).includes(`MARKER-${marker}`)).toBe(true);
  }
});

it('opens only with its own key, and never makes another where there is ciphertext', async () => {
  const path = await makeStore(envKey('K', { K: key }));
  expect(await codeOfOpen(path, envKey('K', {}))).toBe('KEY_NOT_FOUND');
  expect(await codeOfOpen(path, envKey('K', { K: otherKey }))).toBe('KEY_WRONG');
  expect(await codeOfOpen(path, envKey('K', { K: 'short' }))).toBe('KEY_INVALID');
  expect(await codeOfOpen(path, noEncryption())).toBe('ENCRYPTION_MISMATCH');
  const keyPath = newPath();
  expect(await codeOfOpen(path, fileKey(keyPath))).toBe('KEY_NOT_FOUND');
  await expect(stat(keyPath)).rejects.toThrow('ENOENT');
  expect(await codeOfOpen(path, envKey('K', { K: key }))).toBe('opened');
});

it('does not slide from no encryption into a mixture', async () => {
  const path = await makeStore(noEncryption());
  expect(await codeOfOpen(path, envKey('K', { K: key }))).toBe('ENCRYPTION_MISMATCH');
  expect(await codeOfOpen(path, noEncryption())).toBe('opened');
});

it('makes a key file once, for its owner only, and notices when others may read it', async () => {
  const keyPath = join(newPath(), 'deep', 'key');
  const path = await makeStore(fileKey(keyPath));
  expect((await stat(keyPath)).mode & 0o777).toBe(0o600);
  await chmod(keyPath, 0o644);
  expect(await codeOfOpen(path, fileKey(keyPath))).toBe('KEY_FILE_INSECURE');
  await chmod(keyPath, 0o600);
  const text = await readFile(keyPath);
  await rm(keyPath);
  expect(await codeOfOpen(path, fileKey(keyPath))).toBe('KEY_NOT_FOUND');
  await expect(stat(keyPath)).rejects.toThrow('ENOENT');
  await writeFile(keyPath, text, { mode: 0o600 });
  expect(await codeOfOpen(path, fileKey(keyPath))).toBe('opened');
});

it('takes only what is a key: 32 bytes in base64, base64url or hex, in a file of its own', async () => {
  const bytes = Buffer.alloc(32, 0xfb);
  const path = await makeStore(envKey('K', { K: bytes.toString('base64') }));
  for (const text of [
    bytes.toString('base64url'),
    bytes.toString('hex'),
    ` ${bytes.toString('hex')}\n`,
  ]) {
    expect(await codeOfOpen(path, envKey('K', { K: text }))).toBe('opened');
  }
  for (const length of [0, 1, 16, 31, 33, 64]) {
    const text = Buffer.alloc(length, 7).toString('base64');
    const code = length === 0 ? 'KEY_NOT_FOUND' : 'KEY_INVALID';
    expect(await codeOfOpen(path, envKey('K', { K: text }))).toBe(code);
    const keyPath = newPath();
    await writeFile(keyPath, text, { mode: 0o600 });
    expect(await codeOfOpen(path, fileKey(keyPath))).toBe('KEY_INVALID');
  }
  for (const text of ['é'.repeat(32), 'z'.repeat(64), '\0'.repeat(43)]) {
    expect(await codeOfOpen(path, envKey('K', { K: text }))).toBe('KEY_INVALID');
  }
  const folderPath = newPath();
  await mkdir(folderPath, { mode: 0o700 });
  expect(await codeOfOpen(path, fileKey(folderPath))).toBe('KEY_NOT_FOUND');
  const linked = newPath();
  await symlink(join(folder, 'nowhere'), linked);
  expect(await codeOfOpen(path, fileKey(linked))).toBe('KEY_NOT_FOUND');
});

it('makes no key for a store whose key ring is gone', async () => {
  const path = await makeStore(envKey('K', { K: key }));
  const db = new DatabaseSync(path);
  db.exec("DELETE FROM document WHERE name = 'key-ring'");
  db.close();
  expect(await codeOfOpen(path, envKey('K', { K: key }))).toBe('STORE_CORRUPT');
});

it('lets two that make the same store at once end up with one key', async () => {
  const keyPath = newPath();
  const path = newPath();
  const both = await Promise.all([1, 2, 3].map(() => open(path, fileKey(keyPath))));
  for (const [index, storage] of both.entries()) {
    await storage.chat.append({ conversation_id: 'c', role: 'user', content: `${index}` });
  }
  const [first] = both;
  expect((await first?.chat.recent('c'))?.map((message) => message.content)).toEqual([
    '0',
    '1',
    '2',
  ]);
  await Promise.all(both.map((storage) => storage.close()));
});

it('names what was changed or moved inside the file, and still reads the rest', async () => {
  const keys = envKey('K', { K: key });
  const path = await makeStore(keys);
  const db = new DatabaseSync(path);
  const ids = db.prepare('SELECT id FROM message ORDER BY seq').all();
  const sealed = db.prepare('SELECT sealed FROM message WHERE seq = 2').get()?.['sealed'];
  if (!(sealed instanceof Uint8Array)) throw new TypeError('The second message is sealed.');
  const flipped = Uint8Array.from(sealed);
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
  db.prepare('UPDATE message SET sealed = ? WHERE seq = 2').run(flipped);
  db.close();
  const storage = await open(path, keys);
  await expect(storage.chat.recent('c')).rejects.toMatchObject({
    code: 'DECRYPTION_FAILED',
    details: { id: ids[1]?.['id'] },
  });
  const before = String(ids[1]?.['id']);
  expect((await storage.chat.recent('c', { before }))[0]?.content).toBe('MARKER-content');
  await storage.close();

  const moved = new DatabaseSync(path);
  moved.exec(
    'UPDATE message SET sealed = (SELECT sealed FROM message WHERE seq = 1) WHERE seq = 2',
  );
  moved.close();
  const again = await open(path, keys);
  await expect(again.chat.recent('c')).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  await again.close();
});

it('does not fall back when there is no keychain', async () => {
  const before = process.env['DBUS_SESSION_BUS_ADDRESS'];
  process.env['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nonexistent';
  try {
    const path = newPath();
    expect(await codeOfOpen(path, osKeychain({ service: 'cloudops-test' }))).toBe(
      'KEYCHAIN_UNAVAILABLE',
    );
    const encrypted = await makeStore(envKey('K', { K: key }));
    expect(await codeOfOpen(encrypted, osKeychain({ service: 'cloudops-test' }))).toMatch(
      /^KEY(CHAIN_UNAVAILABLE|_NOT_FOUND)$/u,
    );
    // The limit of its waiting ends nothing once the answer is there: an error that nobody hears would end the process.
    await expect(osKeychain({ timeoutMs: 30 }).load()).rejects.toMatchObject({
      code: 'KEYCHAIN_UNAVAILABLE',
    });
    await delay(100);
  } finally {
    if (before === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS'];
    else process.env['DBUS_SESSION_BUS_ADDRESS'] = before;
  }
});

it('wants the choice of a key source', async () => {
  const open2: (options: never) => Promise<unknown> = (options) => StorageService.open(options);
  await expect(
    Reflect.apply(open2, null, [{ backend: { kind: 'embedded', path: ':memory:' } }]),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});
