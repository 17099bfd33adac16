import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { envKey, StorageService } from 'cloudops-storage-service';
import { resources, vectorOf } from '../../src/testing/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const environment = {
  ONE: Buffer.alloc(32, 1).toString('base64'),
  TWO: Buffer.alloc(32, 2).toString('base64'),
};
const marker = 'MARKER-7f3a';

/** The files below the folder in which the marker can be read, in one of the ways in which text is kept. */
async function revealing(): Promise<string[]> {
  const needles = [
    Buffer.from(marker),
    Buffer.from(marker, 'utf16le'),
    // Base64 of a text depends on where it begins; its middle shows at one of three places.
    ...['', ' ', '  '].map((start) => Buffer.from(btoa(`${start}${marker}`).slice(4, 12))),
  ];
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (needles.some((needle) => bytes.includes(needle))) found.push(entry.name);
  }
  return found;
}

it('leaves content, output, attributes and what they were in no file, at no time', async () => {
  const path = join(folder, 'store.db');
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path },
    keys: envKey('ONE', environment),
    backup: { target: { kind: 'folder', path: join(folder, 'backups') } },
  });
  await storage.chat.append({ conversation_id: 'c', role: 'user', content: `${marker} said` });
  await storage.chat.append({
    conversation_id: 'c',
    role: 'execution',
    content: `${marker} output`,
    metadata: { stdout: `${marker} out`, plan_id: 'p' },
  });
  const items = (word: string) =>
    resources(20, () => ({ attributes: { secret: `${marker} ${word}` } }));
  await storage.estate.upsert(
    items('before').map(({ record }, index) => ({ record, vector: vectorOf(index) })),
  );
  await storage.estate.upsert(items('after'));
  // While it is open the log of SQLite is there as well.
  expect(await readdir(folder)).toContain('store.db-wal');
  expect(await revealing()).toEqual([]);
  await storage.backups.run();
  await storage.rotateKey({ keys: envKey('TWO', environment) });
  expect(await revealing()).toEqual([]);
  await storage.compact();
  await storage.close();
  expect(await revealing()).toEqual([]);
  expect((await readdir(folder, { recursive: true })).length).toBeGreaterThan(3);
});
