import type { Schemas } from '@qdrant/js-client-rest';
import type { MessagePlace, StoredMessage } from '../backend.ts';
import { chatFilter, type MessageConditions } from './chat-filter.ts';
import { messageFrom } from './payloads.ts';
import type { QdrantPoints } from './points.ts';

/** Which messages, and in which direction. */
export interface OrderedQuery {
  conditions: Omit<MessageConditions, 'seq'>;
  direction: 'asc' | 'desc';
  /** Only those behind it in this direction; null: all. */
  place: MessagePlace | null;
  limit: number;
}

/**
 * Messages by `seq`, then id. Qdrant orders by the number alone, and cuts a page wherever its limit falls: where that is among messages
 * of one `seq`, all of them are fetched. Two writers rarely give the same one, so a page is nearly always one request.
 */
export async function orderedMessages(
  points: QdrantPoints,
  { conditions, direction, place, limit }: OrderedQuery,
): Promise<StoredMessage[]> {
  const sign = direction === 'asc' ? 1 : -1;
  const found: StoredMessage[] = [];
  let seq: Schemas['Range'] | undefined =
    place === null ? undefined : { [direction === 'asc' ? 'gte' : 'lte']: place.seq };
  for (;;) {
    // One more shows whether the last one needed stands alone; the one at the place itself comes too.
    const asked = limit - found.length + 2;
    const { points: page } = await points.scroll({
      filter: chatFilter({ ...conditions, seq }),
      orderBy: { key: 'seq', direction },
      limit: asked,
      withPayload: true,
    });
    const messages = page.map(messageFrom);
    const last = messages.at(-1);
    const isEnd = page.length < asked || last === undefined;
    const behind = (some: readonly StoredMessage[]) =>
      some
        .filter((message) => place === null || sign * comparePlaces(message, place) > 0)
        .toSorted((a, b) => sign * comparePlaces(a, b));
    found.push(
      ...behind(isEnd ? messages : messages.filter((message) => message.seq !== last.seq)),
    );
    if (isEnd || found.length >= limit) return found.slice(0, limit);
    found.push(...behind(await messagesAt(points, conditions, last.seq)));
    if (found.length >= limit) return found.slice(0, limit);
    seq = { [direction === 'asc' ? 'gt' : 'lt']: last.seq };
  }
}

/** All messages of one `seq`. */
async function messagesAt(
  points: QdrantPoints,
  conditions: OrderedQuery['conditions'],
  seq: number,
): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = [];
  const filter = chatFilter({ ...conditions, seq: { gte: seq, lte: seq } });
  for await (const page of points.pages(filter, true)) messages.push(...page.map(messageFrom));
  return messages;
}

/** Ids are lower-case UUIDs: units of code order them as bytes do. */
function comparePlaces(a: MessagePlace, b: MessagePlace): number {
  return a.seq - b.seq || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
