import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { StorageService } from 'cloudops-storage-service';
import { percentiles } from '../measure/percentiles.ts';
import { rate, results, waitOfOthers, watched } from './measure.ts';
import { openRaw } from './raw.ts';

const appends = 100;
const rounds = 10;
const callers = 32;
const conversations = 100;
const content = 'Stop the idle staging web servers, and tell me which. '.repeat(4);

/** Durable appends and `recent`, beside the same statements without thread, port and encryption. */
export async function benchChat(
  storage: StorageService,
  folder: string,
  size: number,
): Promise<void> {
  const raw = openRaw(join(folder, 'raw-chat.db'));
  const appendRaw = rawAppend(raw);
  const append = () => storage.chat.append({ conversation_id: 'bench', role: 'user', content });
  const times = async (count: number, work: () => unknown) => {
    for (let done = 0; done < count; done += 1) await work();
  };
  await times(100, append);
  await times(100, appendRaw);

  // In turns, so that whatever else the disk does hits both alike.
  const seconds = { alone: 0, one: 0 };
  for (let round = 0; round < rounds; round += 1) {
    seconds.alone += appends / (await rate(appends, () => times(appends, appendRaw)));
    seconds.one +=
      appends / (await watched('chat.append', () => rate(appends, () => times(appends, append))));
  }
  const alone = (rounds * appends) / seconds.alone;
  const one = (rounds * appends) / seconds.one;
  const each = (rounds * appends) / 8;
  const atOnce = () => Promise.all(Array.from({ length: callers }, () => times(each, append)));
  const many = await watched('chat.append', () => rate(each * callers, atOnce));
  results.add('node:sqlite alone: durable append', { 'per s': alone });
  results.add(
    'durable append, one by one',
    { 'per s': one, 'of raw': one / alone },
    { atLeast: { 'of raw': 0.5 } },
  );
  results.add(
    `durable append, ${callers} callers at once`,
    { 'per s': many, 'of one by one': many / one },
    { atLeast: { 'of one by one': 2 } },
  );
  raw.close();

  await watched('chat.appendMany', () => fill(storage, size));
  const recent = await watched('chat.recent', () =>
    percentiles(500, (at) => storage.chat.recent(`c${at % conversations}`)),
  );
  results.add(`recent(20), ${size} messages stored`, recent, { atMost: { p50: 1 } });
  const { conversations: all } = await storage.chat.conversations({ limit: 1000 });
  const length = all.find(({ id }) => id === 'long')?.messages ?? 0;
  const others = await waitOfOthers(
    () => storage.chat.deleteConversation('long'),
    () => storage.chat.recent('c1'),
  );
  results.add(`deleteConversation of ${length} messages`, others);
}

async function fill(storage: StorageService, size: number): Promise<void> {
  for (let start = 0; start < size; start += 1000) {
    // Half of them in one conversation.
    const part = start / 1000;
    const conversation = part % 2 === 0 ? 'long' : `c${((part - 1) / 2) % conversations}`;
    await storage.chat.appendMany(
      Array.from({ length: Math.min(1000, size - start) }, () => ({
        conversation_id: conversation,
        role: 'user',
        content,
      })),
    );
  }
}

/** The tables and statements of `chat-table.ts`. */
function rawAppend(raw: DatabaseSync): () => void {
  raw.exec(`
    CREATE TABLE conversation (rid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, messages INTEGER NOT NULL,
      first_at TEXT NOT NULL, last_at TEXT NOT NULL, last_seq INTEGER NOT NULL);
    CREATE INDEX conversation_last ON conversation (last_seq);
    CREATE TABLE message (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, conversation INTEGER NOT NULL,
      role TEXT NOT NULL, created_at TEXT NOT NULL, sealed BLOB NOT NULL);
    CREATE INDEX message_conversation ON message (conversation)`);
  const touch = raw.prepare(
    `INSERT INTO conversation (id, messages, first_at, last_at, last_seq) VALUES (?1, 1, ?2, ?2, 0)
     ON CONFLICT (id) DO UPDATE SET messages = messages + 1, last_at = excluded.last_at RETURNING rid`,
  );
  const insert = raw.prepare(
    'INSERT INTO message (id, conversation, role, created_at, sealed) VALUES (?, ?, ?, ?, ?)',
  );
  const place = raw.prepare('UPDATE conversation SET last_seq = ? WHERE rid = ?');
  return () => {
    const now = new Date().toISOString();
    raw.exec('BEGIN IMMEDIATE');
    const rid = touch.get('c', now)?.['rid'] ?? 0;
    const { lastInsertRowid } = insert.run(
      crypto.randomUUID(),
      rid,
      'user',
      now,
      Buffer.from(content),
    );
    place.run(lastInsertRowid, rid);
    raw.exec('COMMIT');
  };
}
