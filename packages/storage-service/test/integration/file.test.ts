import { existsSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  open as openFile,
  readFile,
  rename,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { resources } from '../../src/testing/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const open = (path: string) =>
  StorageService.open({ backend: { kind: 'embedded', path }, keys: noEncryption() });

it('says what is wrong with a path', async () => {
  const database = join(folder, 'foreign.db');
  const foreign = new DatabaseSync(database);
  foreign.exec('CREATE TABLE theirs (a)');
  foreign.close();
  const text = join(folder, 'text.db');
  await writeFile(text, 'not a database, but long enough to be looked at as one'.repeat(100));
  await mkdir(join(folder, 'folder.db'));
  for (const [path, code] of [
    [database, 'STORE_UNAVAILABLE'],
    [text, 'STORE_CORRUPT'],
    [join(folder, 'folder.db'), 'STORE_UNAVAILABLE'],
    [join(folder, 'missing', 'x.db'), 'STORE_UNAVAILABLE'],
    ['', 'INVALID_INPUT'],
  ] as const) {
    await expect(open(path)).rejects.toMatchObject({ code });
  }
  // The other program's file is as it was.
  const after = new DatabaseSync(database);
  expect(after.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }]);
  expect(after.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' });
  after.close();
});

it('refuses a file of a later release and leaves it alone', async () => {
  const path = join(folder, 'newer.db');
  await (await open(path)).close();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 999');
  db.close();
  await expect(open(path)).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
});

it('follows a link to a file, and says when it leads nowhere', async () => {
  const path = join(folder, 'linked.db');
  const first = await open(path);
  await first.chat.append({ conversation_id: 'c', role: 'user', content: 'x' });
  await first.close();
  await symlink(path, join(folder, 'link.db'));
  await symlink(join(folder, 'gone', 'x.db'), join(folder, 'dangling.db'));
  await using linked = await open(join(folder, 'link.db'));
  expect((await linked.chat.recent('c')).length).toBe(1);
  await expect(open(join(folder, 'dangling.db'))).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
});

it('lets several open, check and compact one file while others write', async () => {
  const path = join(folder, 'several.db');
  const stores = await Promise.all([open(path), open(path), open(path)]);
  await Promise.all(
    stores.flatMap((storage, index) => [
      storage.estate.upsert(resources(200, (number) => ({ name: `${index}-${number}` }))),
      storage.chat.append({ conversation_id: 'c', role: 'user', content: `${index}` }),
      storage.compact(),
      storage.integrityCheck(),
    ]),
  );
  const [first] = stores;
  expect(await first?.estate.count()).toBe(200);
  expect((await first?.chat.recent('c'))?.length).toBe(3);
  expect((await first?.integrityCheck())?.ok).toBe(true);
  await Promise.all(stores.map((storage) => storage.close()));
});

it('opens in folders with any name', async () => {
  const odd = join(folder, 'h#a %20?é');
  await mkdir(odd);
  const storage = await open(join(odd, 'ä #?%.db'));
  await storage.chat.append({ conversation_id: 'c', role: 'user', content: 'x' });
  expect((await storage.chat.recent('c')).length).toBe(1);
  await storage.close();
});

it('detects damage inside the file', async () => {
  const path = join(folder, 'damaged.db');
  const storage = await open(path);
  await storage.estate.upsert(resources(2000));
  await storage.close();
  const size = (await readFile(path)).length;
  const file = await openFile(path, 'r+');
  for (let at = 4096 * 3; at < size; at += 4096)
    await file.write(Buffer.alloc(200, 0xff), 0, 200, at);
  await file.close();
  const readAll = async () => {
    await using damaged = await open(path);
    return damaged.estate.list({ limit: 10_000 });
  };
  await expect(readAll()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});

it('writes no more once its file was removed or replaced', async () => {
  for (const change of ['removed', 'replaced'] as const) {
    const path = join(folder, `${change}.db`);
    await using storage = await open(path);
    const { chat, estate } = storage;
    await chat.append({ conversation_id: 'c', role: 'user', content: 'one' });
    await rename(path, `${path}.away`);
    if (change === 'replaced') await copyFile(`${path}.away`, path);
    const error = {
      code: 'STORE_UNAVAILABLE',
      retryable: false,
      message: expect.stringContaining(`was ${change} while`),
    };
    const message = { conversation_id: 'c', role: 'user', content: 'two' } as const;
    await expect(chat.append(message)).rejects.toMatchObject(error);
    await expect(estate.upsert(resources(1))).rejects.toMatchObject(error);
    await expect(storage.integrityCheck()).rejects.toMatchObject(error);
    expect(existsSync(path)).toBe(change === 'replaced');
    // What is there can still be read, and put elsewhere.
    expect((await chat.recent('c')).length).toBe(1);
    // Back in its place it goes on.
    await rename(`${path}.away`, path);
    await chat.append(message);
    expect((await chat.recent('c')).length).toBe(2);
  }
});

it('ends calls under way when it is closed, and refuses later ones', async () => {
  const storage = await open(join(folder, 'closing.db'));
  const pending = Array.from({ length: 50 }, (_, index) =>
    storage.chat.append({ conversation_id: 'c', role: 'user', content: `${index}` }),
  );
  await Promise.all([storage.close(), storage.close()]);
  expect((await Promise.all(pending)).length).toBe(50);
  await expect(storage.chat.recent('c')).rejects.toMatchObject({ code: 'CLOSED' });
  await storage.close();
  await using again = await open(join(folder, 'closing.db'));
  expect((await again.chat.recent('c', { limit: 100 })).length).toBe(50);
});
