import type { Schemas } from '@qdrant/js-client-rest';
import type { SealedCollection, SealedItem, SealedStore } from '../backend.ts';
import { pointId } from '../../identity.ts';
import { chatFilter } from './chat-filter.ts';
import {
  digestFilter,
  digestFrom,
  digestText,
  historyFrom,
  historyPayload,
  messageFrom,
  resourceFields,
  resourceFrom,
} from './payloads.ts';
import type { QdrantPoints } from './points.ts';

interface Replacement {
  place: string;
  expected: Uint8Array;
  sealed: Uint8Array;
}

/** So many points are read at once: each may be large. */
const maxPoints = 100;

/** Everything sealed, point by point; a place is the id of a point, and for history the index in it. */
export class QdrantSealed implements SealedStore {
  readonly #chat: QdrantPoints;
  readonly #estate: QdrantPoints;

  constructor(chat: QdrantPoints, estate: QdrantPoints) {
    this.#chat = chat;
    this.#estate = estate;
  }

  async page(query: {
    collection: SealedCollection;
    after: string | null;
    limit: number;
  }): Promise<SealedItem[]> {
    const isChat = query.collection === 'messages';
    const points = isChat ? this.#chat : this.#estate;
    const last = query.after === null ? null : pointOf(query.after);
    let offset = last;
    for (;;) {
      // The offset is inclusive: the point behind which we are comes first again.
      const page = await points.scroll({
        filter: isChat ? chatFilter({}) : undefined,
        limit: Math.min(query.limit, maxPoints) + 1,
        withPayload: isChat ? true : [...resourceFields, 'history'],
        offset,
      });
      const items = page.points
        .filter((point) => String(point.id) !== last)
        .flatMap((point) => itemsOf(query.collection, point));
      // Points without history give no items, and are no end.
      if (items.length > 0 || page.next === null) return items;
      offset = page.next;
    }
  }

  async replace(collection: SealedCollection, items: readonly Replacement[]): Promise<number> {
    const points = collection === 'messages' ? this.#chat : this.#estate;
    const byPoint = new Map<string, Replacement[]>();
    for (const item of items) {
      const id = pointOf(item.place);
      byPoint.set(id, [...(byPoint.get(id) ?? []), item]);
    }
    const stored = await points.retrieve([...byPoint.keys()], true);
    const operations: Schemas['UpdateOperation'][] = [];
    let replaced = 0;
    for (const [id, changes] of byPoint) {
      const point = stored.get(id);
      if (point === undefined) continue;
      const change = (sealed: Uint8Array) => {
        const found = changes.find((item) => Buffer.compare(item.expected, sealed) === 0);
        if (found !== undefined) replaced += 1;
        return found?.sealed ?? sealed;
      };
      const base64 = (sealed: Uint8Array) => Buffer.from(sealed).toString('base64');
      const payload =
        collection === 'history'
          ? {
              history: historyPayload(
                historyFrom(point).map(({ at, scan_id, sealed }) => ({
                  at,
                  scan_id,
                  sealed: change(sealed),
                })),
              ),
            }
          : { sealed: base64(change(sealedOf(collection, point))) };
      // A resource that someone has written since then keeps what they wrote; a message never changes.
      const target =
        collection === 'messages'
          ? { points: [id] }
          : { filter: digestFilter(id, digestText(digestFrom(point))) };
      operations.push({ set_payload: { payload, ...target } });
    }
    await points.change(operations);
    return replaced;
  }
}

function pointOf(place: string): string {
  return place.split('/')[0] ?? place;
}

function sealedOf(collection: SealedCollection, point: Schemas['Record']): Uint8Array {
  return collection === 'messages' ? messageFrom(point).sealed : resourceFrom(point).sealed;
}

function itemsOf(collection: SealedCollection, point: Schemas['Record']): SealedItem[] {
  const place = String(point.id);
  if (collection === 'messages') {
    return [{ place, id: place, sealed: messageFrom(point).sealed }];
  }
  const { record, sealed } = resourceFrom(point);
  if (pointId(record.key) !== place) return [];
  if (collection === 'attributes') return [{ place, id: record.key, sealed }];
  return historyFrom(point).map((entry, index) => ({
    place: `${place}/${index}`,
    id: record.key,
    sealed: entry.sealed,
  }));
}
