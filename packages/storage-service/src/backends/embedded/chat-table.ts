import { isChatRole } from '../../chat-role.ts';
import { StorageError } from '../../errors.ts';
import type {
  AppendResult,
  Conversation,
  ConversationQuery,
  MessagePlace,
  MessageQuery,
  NewMessage,
  StoredMessage,
} from '../backend.ts';
import type { Database } from './database.ts';
import { firstPart, type Part } from './parts.ts';
import type { RemovedPart } from './protocol.ts';
import { bytesOf, numberOf, textOf, type Row } from './rows.ts';

const columns =
  'm.seq, m.id, c.id AS conversation_id, m.role, m.created_at, m.sealed FROM message m JOIN conversation c ON c.rid = m.conversation';

/** So many messages of a conversation are removed in one transaction: others read and write between. */
const removedAtOnce = 1000;

/** Messages and the conversations they are in. Each message has a `seq` of its own here, which is its place alone. */
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
        query.after?.seq ?? 0,
        query.conversation_id,
        query.roles === null ? null : JSON.stringify(query.roles),
        query.since,
        query.until,
        query.limit,
      );
    return firstPart(rows, messageFrom);
  }

  conversations(query: ConversationQuery): Conversation[] {
    return this.#db
      .statement(
        `SELECT id, messages, first_at, last_at, last_seq FROM conversation
         WHERE last_seq < ? ORDER BY last_seq DESC LIMIT ?`,
      )
      .all(query.behind?.last_seq ?? Number.MAX_SAFE_INTEGER, query.limit)
      .map((row) => ({
        id: textOf(row, 'id'),
        messages: numberOf(row, 'messages'),
        first_at: textOf(row, 'first_at'),
        last_at: textOf(row, 'last_at'),
        last_seq: numberOf(row, 'last_seq'),
      }));
  }

  /**
   * Removes the oldest messages of a conversation, at most `removedAtOnce`, up to `upTo` (null: the last one there is now); the
   * conversation goes with its last message.
   */
  removeConversation(id: string, upTo: number | null): RemovedPart {
    const conversation = this.#db
      .statement('SELECT rid, last_seq FROM conversation WHERE id = ?')
      .get(id);
    if (conversation === undefined) return { removed: 0, upTo: 0, isLast: true };
    const rid = numberOf(conversation, 'rid');
    const last = upTo ?? numberOf(conversation, 'last_seq');
    const { changes } = this.#db
      .statement(
        `DELETE FROM message WHERE seq IN (
           SELECT seq FROM message WHERE conversation = ? AND seq <= ? ORDER BY seq LIMIT ?)`,
      )
      .run(rid, last, removedAtOnce);
    const removed = Number(changes);
    this.#forget(rid, removed);
    return { removed, upTo: last, isLast: removed < removedAtOnce };
  }

  removeBefore(time: string, limit: number): number {
    const removed = this.#db
      .statement(
        `DELETE FROM message WHERE seq IN (SELECT seq FROM message WHERE created_at < ? LIMIT ?)
         RETURNING conversation`,
      )
      .all(time, limit);
    const counts = new Map<number, number>();
    for (const row of removed) {
      const rid = numberOf(row, 'conversation');
      counts.set(rid, (counts.get(rid) ?? 0) + 1);
    }
    for (const [rid, count] of counts) this.#forget(rid, count);
    return removed.length;
  }

  /** Brings the numbers of a conversation that lost messages up to date; one without any is gone. */
  #forget(rid: number, removed: number): void {
    this.#db.statement(forget).run(removed, rid);
    this.#db.statement('DELETE FROM conversation WHERE rid = ? AND messages <= 0').run(rid);
  }

  newest(query: {
    conversation_id: string;
    before: MessagePlace | null;
    limit: number;
  }): Part<StoredMessage> {
    const rows = this.#db
      .statement(
        `SELECT ${columns} WHERE m.conversation = (SELECT rid FROM conversation WHERE id = ?)
         AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`,
      )
      .iterate(query.conversation_id, query.before?.seq ?? Number.MAX_SAFE_INTEGER, query.limit);
    return firstPart(rows, messageFrom);
  }
}

/** Not counted anew: that would look at all that is left, each time. Without any left the times stay, for a moment. */
const forget = `
  UPDATE conversation SET messages = messages - ?1,
    first_at = ifnull((SELECT created_at FROM message WHERE conversation = ?2 ORDER BY seq LIMIT 1), first_at),
    last_at = ifnull((SELECT created_at FROM message WHERE conversation = ?2 ORDER BY seq DESC LIMIT 1), last_at),
    last_seq = ifnull((SELECT max(seq) FROM message WHERE conversation = ?2), last_seq)
  WHERE rid = ?2`;

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
