import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { fileKey, StorageService, type ChatPage } from 'cloudops-storage-service';
import { runWriter } from './programs/run-writer.ts';

/**
 * Two processes write to one store and are killed with -9 at a random moment, again and again.
 * Every acknowledged write must be there each time, readable, and the file sound.
 */
export async function killStorm(path: string, key: string, cycles: number): Promise<number> {
  const acknowledged = { messages: new Set<string>(), keys: new Set<string>() };
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const writers = ['a', 'b'].map((name) => runWriter([path, key, `${name}${cycle}`]));
    await Promise.race([heardFrom(writers), delay(30_000)]);
    await delay(Math.random() * 150);
    for (const writer of writers) writer.child.kill('SIGKILL');
    for (const writer of writers) {
      expect([await writer.ended, writer.errors()]).toEqual(['SIGKILL', '']);
      for (const id of writer.messages) acknowledged.messages.add(id);
      for (const resource of writer.keys) acknowledged.keys.add(resource);
    }
    await checkStore(path, key, acknowledged);
  }
  return acknowledged.messages.size + acknowledged.keys.size;
}

async function heardFrom(writers: readonly ReturnType<typeof runWriter>[]): Promise<void> {
  while (!writers.every((writer) => writer.messages.length > 0)) await delay(5);
}

async function checkStore(
  path: string,
  key: string,
  acknowledged: { messages: Set<string>; keys: Set<string> },
): Promise<void> {
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path },
    keys: fileKey(key),
  });
  const stored = new Set<string>();
  let cursor: string | null = null;
  do {
    const page: ChatPage = await storage.chat.list({ limit: 1000, cursor });
    for (const message of page.messages) stored.add(message.id);
    cursor = page.cursor;
  } while (cursor !== null);
  expect([...acknowledged.messages].filter((id) => !stored.has(id))).toEqual([]);
  const resources = await storage.estate.get([...acknowledged.keys]);
  expect(resources.every((resource) => resource !== null)).toBe(true);
  await storage.close();
  const db = new DatabaseSync(path);
  expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  db.close();
}
