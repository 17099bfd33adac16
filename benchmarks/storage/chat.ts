import { join } from 'node:path';
import type { StorageService } from 'cloudops-storage-service';
import { percentiles, rate, report } from './measure.ts';
import { openRaw } from './raw.ts';

const appends = 500;
const conversations = 100;

/** Appends and `recent` beside the same statements without the worker. */
export async function benchChat(
  storage: StorageService,
  folder: string,
  size: number,
): Promise<void> {
  const raw = openRaw(join(folder, 'raw-chat.db'));
  raw.exec(`CREATE TABLE conversation (rid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, messages INTEGER, last_seq INTEGER);
    CREATE TABLE message (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, conversation INTEGER, role TEXT, created_at TEXT, sealed BLOB);
    CREATE INDEX of_conversation ON message (conversation)`);
  const touch = raw.prepare(
    'INSERT INTO conversation (id, messages, last_seq) VALUES (?, 1, 0) ON CONFLICT (id) DO UPDATE SET messages = messages + 1 RETURNING rid',
  );
  const insert = raw.prepare(
    'INSERT INTO message (id, conversation, role, created_at, sealed) VALUES (?, ?, ?, ?, ?)',
  );
  const content = 'Stop the idle staging web servers, and tell me which. '.repeat(4);
  const appendRaw = () => {
    raw.exec('BEGIN IMMEDIATE');
    const rid = touch.get('c')?.['rid'] ?? 0;
    insert.run(crypto.randomUUID(), rid, 'user', new Date().toISOString(), Buffer.from(content));
    raw.exec('COMMIT');
  };
  const append = () => storage.chat.append({ conversation_id: 'bench', role: 'user', content });

  const one = await rate(appends, async () => {
    for (let count = 0; count < appends; count += 1) await append();
  });
  const alone = await rate(appends, async () => {
    for (let count = 0; count < appends; count += 1) appendRaw();
  });
  const many = await rate(appends * 4, () =>
    Promise.all(
      Array.from({ length: 32 }, async () => {
        for (let count = 0; count < (appends * 4) / 32; count += 1) await append();
      }),
    ),
  );
  report({ what: 'durable append, one by one', ...one, 'of raw': ratio(one, alone) });
  report({ what: '  node:sqlite alone, the same statements', ...alone });
  report({ what: 'durable append, 32 callers at once', ...many, 'of raw': ratio(many, alone) });

  for (let count = 0; count < size; count += 1000) {
    const conversation = `c${(count / 1000) % conversations}`;
    await storage.chat.appendMany(
      Array.from({ length: 1000 }, () => ({
        conversation_id: conversation,
        role: 'user',
        content,
      })),
    );
  }
  report({
    what: `recent(20) with ${size} messages stored`,
    ...(await percentiles(300, (at) => storage.chat.recent(`c${at % conversations}`))),
  });
  raw.close();
}

function ratio(one: { 'per s': number }, other: { 'per s': number }): number {
  return Math.round((one['per s'] / other['per s']) * 100) / 100;
}
