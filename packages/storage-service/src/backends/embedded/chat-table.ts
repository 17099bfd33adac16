import { isChatRole } from '../../chat-role.ts';
import { StorageError } from '../../errors.ts';
import type { AppendResult, NewMessage, StoredMessage } from '../backend.ts';
import type { Database } from './database.ts';
import { firstPart } from './parts.ts';
import type { Part } from './protocol.ts';
import { bytesOf, numberOf, textOf, type Row } from './rows.ts';

const columns =
  'm.seq, m.id, c.id AS conversation_id, m.role, m.created_at, m.sealed FROM message m JOIN conversation c ON c.rid = m.conversation';

/** Messages and the conversations they are in. */
export class ChatTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  append(messages: readonly NewMessage[]): AppendResult {
    const existing = messages.flatMap((message) => this.find(message.id) ?? []);
    if (existing.length > 0) return { existing };
    return { seqs: messages.map((message) => this.#insert(message)) };
  }

  #insert(message: NewMessage): number {
    const conversation = this.#db
      .statement(
        `INSERT INTO conversation (id, messages, first_at, last_at, last_seq) VALUES (?, 1, ?, ?, 0)
         ON CONFLICT (id) DO UPDATE SET messages = messages + 1, last_at = excluded.last_at
         RETURNING rid`,
      )
      .get(message.conversation_id, message.created_at, message.created_at);
    const rid = numberOf(conversation ?? {}, 'rid');
    const { lastInsertRowid } = this.#db
      .statement(
        'INSERT INTO message (id, conversation, role, created_at, sealed) VALUES (?, ?, ?, ?, ?)',
      )
      .run(message.id, rid, message.role, message.created_at, message.sealed);
    this.#db
      .statement('UPDATE conversation SET last_seq = ? WHERE rid = ?')
      .run(lastInsertRowid, rid);
    return Number(lastInsertRowid);
  }

  find(id: string): StoredMessage | null {
    const row = this.#db.statement(`SELECT ${columns} WHERE m.id = ?`).get(id);
    return row === undefined ? null : messageFrom(row);
  }

  newest(query: {
    conversation_id: string;
    beforeSeq: number | null;
    limit: number;
  }): Part<StoredMessage> {
    const rows = this.#db
      .statement(
        `SELECT ${columns} WHERE m.conversation = (SELECT rid FROM conversation WHERE id = ?)
         AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`,
      )
      .iterate(query.conversation_id, query.beforeSeq ?? Number.MAX_SAFE_INTEGER, query.limit);
    return firstPart(rows, messageFrom);
  }
}

function messageFrom(row: Row): StoredMessage {
  const role = textOf(row, 'role');
  if (!isChatRole(role)) {
    throw new StorageError('STORE_CORRUPT', 'The file is damaged: a message has an unknown role.');
  }
  return {
    id: textOf(row, 'id'),
    conversation_id: textOf(row, 'conversation_id'),
    seq: numberOf(row, 'seq'),
    role,
    created_at: textOf(row, 'created_at'),
    sealed: bytesOf(row, 'sealed'),
  };
}
