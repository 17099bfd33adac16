import type { Schemas } from '@qdrant/js-client-rest';
import type {
  ChatBackend,
  Conversation,
  ConversationQuery,
  MessagePlace,
  MessageQuery,
  NewMessage,
  StoredMessage,
} from '../backend.ts';
import { chatFilter } from './chat-filter.ts';
import { latestConversations } from './conversations.ts';
import { orderedMessages } from './message-pages.ts';
import { messageFrom, messagePayload } from './payloads.ts';
import type { QdrantPoints } from './points.ts';

/** `seq` is the time in ms times this, plus a counter: it rises, and stays below 2^53 until the year 2039. */
const ticksPerMs = 4096;

/** Messages as points without a vector, ordered by `seq`, which the writer assigns. */
export class QdrantChat implements ChatBackend {
  readonly #points: QdrantPoints;
  #lastSeq = 0;

  constructor(points: QdrantPoints) {
    this.#points = points;
  }

  async append(messages: readonly NewMessage[]): ReturnType<ChatBackend['append']> {
    const ids = messages.map((message) => message.id);
    const existing = await this.#points.retrieve(ids, true);
    if (existing.size > 0) return { existing: [...existing.values()].map(messageFrom) };
    const newest = await this.#newestSeq();
    const seqs = messages.map(() => this.#nextSeq(newest));
    await this.#points.insert(
      messages.map((message, index) => ({
        id: message.id,
        vector: {},
        payload: messagePayload(message, seqs[index] ?? 0),
      })),
    );
    // Another process may have been quicker with one of the ids: then its message is the one.
    const stored = await this.#points.retrieve(ids, true);
    const others = [...stored.values()].map(messageFrom).filter((message) => {
      const index = ids.indexOf(message.id);
      const sent = messages[index];
      return (
        message.seq !== seqs[index] || !sent || Buffer.compare(message.sealed, sent.sealed) !== 0
      );
    });
    return others.length > 0 ? { existing: [...stored.values()].map(messageFrom) } : { seqs };
  }

  /** The highest `seq` there is: another machine's clock may be ahead of ours, or ours may have been set back. */
  async #newestSeq(): Promise<number> {
    const { points } = await this.#points.scroll({
      filter: chatFilter({}),
      orderBy: { key: 'seq', direction: 'desc' },
      limit: 1,
      withPayload: ['seq'],
    });
    return Number(points[0]?.payload?.['seq'] ?? 0);
  }

  /** The clock first; a random part behind it keeps processes that are at it in the same moment apart. */
  #nextSeq(newest: number): number {
    const apart = Math.floor(Math.random() * 1024);
    const least = Math.max(Date.now() * ticksPerMs, newest + 1) + apart;
    this.#lastSeq = Math.max(this.#lastSeq + 1, least);
    return this.#lastSeq;
  }

  async find(id: string): ReturnType<ChatBackend['find']> {
    if (!/^[0-9a-f-]{36}$/u.test(id)) return null;
    const point = (await this.#points.retrieve([id], true)).get(id);
    return point?.payload?.['seq'] === undefined ? null : messageFrom(point);
  }

  newest(query: {
    conversation_id: string;
    before: MessagePlace | null;
    limit: number;
  }): Promise<StoredMessage[]> {
    return orderedMessages(this.#points, {
      conditions: { conversation: query.conversation_id },
      direction: 'desc',
      place: query.before,
      limit: query.limit,
    });
  }

  async list(query: MessageQuery): ReturnType<ChatBackend['list']> {
    const { conversation_id: conversation, roles, since, until, after: place, limit } = query;
    if (roles?.length === 0) return [];
    const conditions = { conversation, roles, since, until };
    return orderedMessages(this.#points, { conditions, direction: 'asc', place, limit });
  }

  conversations(query: ConversationQuery): Promise<Conversation[]> {
    return latestConversations(this.#points, query);
  }

  async removeConversation(conversationId: string): Promise<number> {
    return this.#removeAll(chatFilter({ conversation: conversationId }));
  }

  async removeBefore(time: string, limit: number): Promise<number> {
    const { points } = await this.#points.scroll({
      filter: chatFilter({ until: time }),
      limit,
      withPayload: false,
    });
    await this.#points.remove(points.map((point) => String(point.id)));
    return points.length;
  }

  async #removeAll(filter: Schemas['Filter']): Promise<number> {
    let removed = 0;
    for await (const page of this.#points.pages(filter, false)) {
      await this.#points.remove(page.map((point) => String(point.id)));
      removed += page.length;
    }
    return removed;
  }
}
