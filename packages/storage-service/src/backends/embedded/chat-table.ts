import { isChatRole } from '../../chat-role.ts';
import { StorageError } from '../../errors.ts';
import type {
  AppendResult,
  Conversation,
  MessageQuery,
  NewMessage,
  StoredMessage,
} from '../backend.ts';
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

  list(query: MessageQuery): Part<StoredMessage> {
    const rows = this.#db
      .statement(
        `SELECT ${columns} WHERE m.seq > ?
         AND (?2 IS NULL OR m.conversation = (SELECT rid FROM conversation WHERE id = ?2))
         AND (?3 IS NULL OR m.role IN (SELECT value FROM json_each(?3)))
         AND (?4 IS NULL OR m.created_at >= ?4) AND (?5 IS NULL OR m.created_at < ?5)
         ORDER BY m.seq LIMIT ?6`,
      )
      .iterate(
        query.afterSeq,
        query.conversation_id,
        query.roles === null ? null : JSON.stringify(query.roles),
        query.since,
        query.until,
        query.limit,
      );
    return firstPart(rows, messageFrom);
  }

  conversations(query: { beforeSeq: number | null; limit: number }): Conversation[] {
    return this.#db
      .statement(
        `SELECT id, messages, first_at, last_at, last_seq FROM conversation
         WHERE last_seq < ? ORDER BY last_seq DESC LIMIT ?`,
      )
      .all(query.beforeSeq ?? Number.MAX_SAFE_INTEGER, query.limit)
      .map((row) => ({
        id: textOf(row, 'id'),
        messages: numberOf(row, 'messages'),
        first_at: textOf(row, 'first_at'),
        last_at: textOf(row, 'last_at'),
        last_seq: numberOf(row, 'last_seq'),
      }));
  }

  removeConversation(id: string): number {
    const { changes } = this.#db
      .statement(
        'DELETE FROM message WHERE conversation = (SELECT rid FROM conversation WHERE id = ?)',
      )
      .run(id);
    this.#db.statement('DELETE FROM conversation WHERE id = ?').run(id);
    return Number(changes);
  }

  removeBefore(time: string, limit: number): number {
    const removed = this.#db
      .statement(
        `DELETE FROM message WHERE seq IN (SELECT seq FROM message WHERE created_at < ? LIMIT ?)
         RETURNING conversation`,
      )
      .all(time, limit)
      .map((row) => numberOf(row, 'conversation'));
    const touched = JSON.stringify([...new Set(removed)]);
    this.#db.statement(recount).run(touched);
    this.#db
      .statement(
        `DELETE FROM conversation WHERE rid IN (SELECT value FROM json_each(?))
         AND NOT EXISTS (SELECT 1 FROM message WHERE conversation = conversation.rid)`,
      )
      .run(touched);
    return removed.length;
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

/** What became of the numbers of conversations that lost messages; those without any are gone. */
const recount = `
  UPDATE conversation SET messages = c.messages, first_at = f.created_at, last_at = l.created_at, last_seq = c.last
  FROM (
    SELECT conversation, count(*) AS messages, min(seq) AS first, max(seq) AS last FROM message
    WHERE conversation IN (SELECT value FROM json_each(?)) GROUP BY conversation
  ) c
  JOIN message f ON f.seq = c.first JOIN message l ON l.seq = c.last
  WHERE conversation.rid = c.conversation`;

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
