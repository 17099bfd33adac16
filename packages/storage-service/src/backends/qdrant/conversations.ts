import type { Schemas } from '@qdrant/js-client-rest';
import { compareText } from '../../ranking.ts';
import type { Conversation, ConversationPlace, ConversationQuery } from '../backend.ts';
import { chatFilter } from './chat-filter.ts';
import { chunksOf } from './batches.ts';
import { orderedMessages } from './message-pages.ts';
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
  query: ConversationQuery,
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

async function latest(points: QdrantPoints, { behind, limit }: ConversationQuery): Promise<Last[]> {
  const found: Last[] = [];
  const seen = new Set<string>();
  for (;;) {
    const page = await points.scroll({
      filter: chatFilter({
        ...(behind === null ? {} : { seq: { lte: behind.last_seq, gt: 0 } }),
        without: [...seen],
      }),
      orderBy: { key: 'seq', direction: 'desc' },
      limit: messagesAtOnce,
      withPayload: ['conversation_id', 'seq', 'created_at'],
    });
    const candidates: Last[] = [];
    for (const point of page.points) {
      const last = lastOf(point);
      if (seen.has(last.id)) continue;
      seen.add(last.id);
      candidates.push(last);
    }
    found.push(...(behind === null ? candidates : await onlyBehind(points, candidates, behind)));
    found.sort(compareLasts);
    const lowest = page.points.at(-1);
    // Others may end with the same `seq` as the last one that is wanted: they would be missed, or come twice.
    const wanted = found[limit - 1];
    const isEnough =
      wanted !== undefined && lowest !== undefined && lastOf(lowest).seq < wanted.seq;
    if (isEnough || page.points.length < messagesAtOnce) return found.slice(0, limit);
  }
}

/** Without those whose last message is not behind the place: they were on a page before. */
async function onlyBehind(
  points: QdrantPoints,
  candidates: readonly Last[],
  { last_seq, id }: ConversationPlace,
): Promise<Last[]> {
  if (candidates.length === 0) return [];
  const among = candidates.map((candidate) => candidate.id);
  const filter = chatFilter({ among, seq: { gt: last_seq } });
  const hits = await points.facet('conversation_id', filter, among.length);
  const later = new Set(hits.map(({ value }) => String(value)));
  return candidates.filter(
    (candidate) => !later.has(candidate.id) && compareLasts({ id, seq: last_seq }, candidate) < 0,
  );
}

/** The latest first; by id those that end with one `seq`. */
function compareLasts(a: Pick<Last, 'id' | 'seq'>, b: Pick<Last, 'id' | 'seq'>): number {
  return b.seq - a.seq || compareText(a.id, b.id);
}

async function firstTime(points: QdrantPoints, conversation: string): Promise<string | null> {
  const conditions = { conversation };
  const query = { conditions, direction: 'asc', place: null, limit: 1 } as const;
  const [first] = await orderedMessages(points, query);
  return first?.created_at ?? null;
}

function lastOf({ payload }: Schemas['Record']): Last {
  return {
    id: String(payload?.['conversation_id']),
    seq: Number(payload?.['seq']),
    at: String(payload?.['created_at']),
  };
}
