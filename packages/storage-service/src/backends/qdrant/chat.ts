import type { Schemas } from '@qdrant/js-client-rest';
import type { ChatBackend, Conversation, MessageQuery, NewMessage } from '../backend.ts';
import { messageFrom, messagePayload } from './payloads.ts';
import type { QdrantPoints } from './points.ts';

type Condition = Schemas['Condition'];

/** So many conversations are known by their facet. */
const maxConversations = 100_000;
/** `seq` is the time in ms times this, plus a counter: it rises, and stays below 2^53 until the year 2039. */
const ticksPerMs = 4096;

/** The filter of messages; documents beside them have no `seq`. */
export function chatFilter(query: {
  conversation?: string | null;
  roles?: readonly string[] | null;
  since?: string | null;
  until?: string | null;
  after?: number;
  before?: number | null;
}): Schemas['Filter'] {
  const must: Condition[] = [{ key: 'seq', range: { gt: query.after ?? 0 } }];
  if (query.before != null) must.push({ key: 'seq', range: { lt: query.before } });
  if (query.conversation != null) {
    must.push({ key: 'conversation_id', match: { value: query.conversation } });
  }
  if (query.roles != null) must.push({ key: 'role', match: { any: [...query.roles] } });
  if (query.since != null) must.push({ key: 'created_at', range: { gte: query.since } });
  if (query.until != null) must.push({ key: 'created_at', range: { lt: query.until } });
  return { must };
}

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
    const newest = await this.#newestSeq(messages.map((message) => message.conversation_id));
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
    const others = [...stored.values()]
      .map(messageFrom)
      .filter((message) => message.seq !== seqs[ids.indexOf(message.id)]);
    return others.length > 0 ? { existing: [...stored.values()].map(messageFrom) } : { seqs };
  }

  /** The highest `seq` in the conversations: another machine's clock may be ahead of ours. */
  async #newestSeq(conversations: readonly string[]): Promise<number> {
    const { points } = await this.#points.scroll({
      filter: {
        must: [
          { key: 'seq', range: { gt: 0 } },
          { key: 'conversation_id', match: { any: [...new Set(conversations)] } },
        ],
      },
      orderBy: { key: 'seq', direction: 'desc' },
      limit: 1,
      withPayload: true,
    });
    const [point] = points;
    return point === undefined ? 0 : messageFrom(point).seq;
  }

  #nextSeq(newest: number): number {
    const now = Date.now() * ticksPerMs + Math.floor(Math.random() * 1024);
    this.#lastSeq = Math.max(this.#lastSeq + 1, newest + 1, now);
    return this.#lastSeq;
  }

  async find(id: string): ReturnType<ChatBackend['find']> {
    if (!/^[0-9a-f-]{36}$/u.test(id)) return null;
    const point = (await this.#points.retrieve([id], true)).get(id);
    return point?.payload?.['seq'] === undefined ? null : messageFrom(point);
  }

  newest(query: { conversation_id: string; beforeSeq: number | null; limit: number }) {
    return this.#ordered(
      chatFilter({ conversation: query.conversation_id, before: query.beforeSeq }),
      'desc',
      query.limit,
    );
  }

  async list(query: MessageQuery): ReturnType<ChatBackend['list']> {
    if (query.roles?.length === 0) return [];
    const filter = chatFilter({
      conversation: query.conversation_id,
      roles: query.roles,
      since: query.since,
      until: query.until,
      after: query.afterSeq,
    });
    return this.#ordered(filter, 'asc', query.limit);
  }

  async #ordered(filter: Schemas['Filter'], direction: 'asc' | 'desc', limit: number) {
    const { points } = await this.#points.scroll({
      filter,
      orderBy: { key: 'seq', direction },
      limit,
      withPayload: true,
    });
    return points.map(messageFrom);
  }

  async conversations(query: { beforeSeq: number | null; limit: number }): Promise<Conversation[]> {
    const hits = await this.#points.facet('conversation_id', chatFilter({}), maxConversations);
    const all: Conversation[] = [];
    for (const { value, count } of hits) {
      const filter = chatFilter({ conversation: String(value) });
      const [last] = await this.#ordered(filter, 'desc', 1);
      if (last === undefined || last.seq >= (query.beforeSeq ?? Infinity)) continue;
      const [first] = await this.#ordered(filter, 'asc', 1);
      all.push({
        id: String(value),
        messages: count,
        first_at: first?.created_at ?? last.created_at,
        last_at: last.created_at,
        last_seq: last.seq,
      });
    }
    return all.sort((a, b) => b.last_seq - a.last_seq).slice(0, query.limit);
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
