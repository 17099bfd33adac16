import type { Schemas } from '@qdrant/js-client-rest';
import type { Conversation } from '../backend.ts';
import { chatFilter } from './chat-filter.ts';
import { chunksOf } from './batches.ts';
import type { QdrantPoints } from './points.ts';

/** So many messages are looked at for conversations not yet seen. */
const messagesAtOnce = 100;
/** So many requests run at once. */
const requestsAtOnce = 8;

interface Last {
  id: string;
  seq: number;
  at: string;
}

/**
 * Conversations by their last message, the latest first. The newest messages are read, then the newest of other conversations,
 * until there are enough: so the number of requests depends on what is asked for, not on what is stored.
 */
export async function latestConversations(
  points: QdrantPoints,
  query: { beforeSeq: number | null; limit: number },
): Promise<Conversation[]> {
  const lasts = await latest(points, query);
  const counts = new Map<string, number>();
  for (const some of chunksOf(lasts)) {
    const among = some.map(({ id }) => id);
    const hits = await points.facet('conversation_id', chatFilter({ among }), some.length);
    for (const { value, count } of hits) counts.set(String(value), count);
  }
  const conversations: Conversation[] = [];
  for (const some of chunksOf(lasts, requestsAtOnce)) {
    const firsts = await Promise.all(some.map(({ id }) => firstTime(points, id)));
    for (const [index, { id, seq, at }] of some.entries()) {
      const messages = counts.get(id) ?? 0;
      // Removed since it was seen.
      if (messages === 0) continue;
      const first_at = firsts[index] ?? at;
      conversations.push({ id, messages, first_at, last_at: at, last_seq: seq });
    }
  }
  return conversations;
}

async function latest(
  points: QdrantPoints,
  query: { beforeSeq: number | null; limit: number },
): Promise<Last[]> {
  const found: Last[] = [];
  const seen = new Set<string>();
  while (found.length < query.limit) {
    const page = await points.scroll({
      filter: chatFilter({ before: query.beforeSeq, without: [...seen] }),
      orderBy: { key: 'seq', direction: 'desc' },
      limit: messagesAtOnce,
      withPayload: ['conversation_id', 'seq', 'created_at'],
    });
    if (page.points.length === 0) break;
    const candidates: Last[] = [];
    for (const point of page.points) {
      const last = lastOf(point);
      if (seen.has(last.id)) continue;
      seen.add(last.id);
      candidates.push(last);
    }
    const later = await withLaterMessages(points, candidates, query.beforeSeq);
    found.push(...candidates.filter(({ id }) => !later.has(id)));
  }
  return found.slice(0, query.limit);
}

/** Those whose last message is not before `beforeSeq`: they were on a page before. */
async function withLaterMessages(
  points: QdrantPoints,
  candidates: readonly Last[],
  beforeSeq: number | null,
): Promise<ReadonlySet<string>> {
  if (beforeSeq === null) return new Set();
  const among = candidates.map(({ id }) => id);
  const filter = chatFilter({ among, after: beforeSeq - 1 });
  const hits = await points.facet('conversation_id', filter, among.length);
  return new Set(hits.map(({ value }) => String(value)));
}

async function firstTime(points: QdrantPoints, conversation: string): Promise<string | null> {
  const page = await points.scroll({
    filter: chatFilter({ conversation }),
    orderBy: { key: 'seq', direction: 'asc' },
    limit: 1,
    withPayload: ['conversation_id', 'seq', 'created_at'],
  });
  const [point] = page.points;
  return point === undefined ? null : lastOf(point).at;
}

function lastOf({ payload }: Schemas['Record']): Last {
  return {
    id: String(payload?.['conversation_id']),
    seq: Number(payload?.['seq']),
    at: String(payload?.['created_at']),
  };
}
