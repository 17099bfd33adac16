import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { fileKey, StorageService } from 'cloudops-storage-service';
import { resources, vectorOf } from '../../src/testing/fixtures.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const key = join(folder, 'key');
const open = (name: string) =>
  StorageService.open({
    backend: { kind: 'embedded', path: join(folder, name) },
    keys: fileKey(key),
  });

it('copies a store to its end when the copying process was killed, each record once', async () => {
  const from = await open('from.db');
  await from.chat.appendMany(
    Array.from({ length: 600 }, (_, index) => ({
      conversation_id: 'c',
      role: 'user',
      content: `${index}`,
    })),
  );
  const items = resources(1500).map(({ record }, index) => ({ record, vector: vectorOf(index) }));
  await from.estate.upsert(items);
  const program = join(import.meta.dirname, '../programs/migrator.ts');
  const [source, target] = [join(folder, 'from.db'), join(folder, 'to.db')];
  const child = spawn(
    process.execPath,
    ['--conditions=cloudops-source', program, source, target, key],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    // Among the resources.
    if (Number(line) > 600) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  await using to = await open('to.db');
  const last = await from.migrateTo(to);
  // It went on where the last one was killed.
  expect(last.messages + last.resources).toBeLessThan(2100);
  const contents = async (storage: StorageService) =>
    (await storage.chat.recent('c', { limit: 1000 })).map((message) => message.content);
  expect(await contents(to)).toEqual(await contents(from));
  expect(await to.stats()).toMatchObject({ messages: 600, resources: 1500, vectors: 1500 });
  expect(await to.integrityCheck()).toMatchObject({ ok: true, messages: 600, resources: 1500 });
  await from.close();
});
