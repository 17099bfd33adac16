import {
  historyLength,
  type EstateBackend,
  type MessagePlace,
  type StorageBackend,
  type StoredHistory,
  type StoredResource,
} from '../backends/backend.ts';
import { messagePages, resourcePages } from '../backends/pages.ts';
import { openMessage } from '../chat-sealing.ts';
import { EmbeddingGuard } from '../embedding-guard.ts';
import type { Sealer } from '../encryption/sealer.ts';
import { openHistory } from '../estate-history.ts';
import { openRecord } from '../estate-sealing.ts';
import { inTurns } from '../in-turns.ts';
import { storeId } from '../store-id.ts';
import {
  encodeVector,
  exportFormat,
  exportVersion,
  type ExportLine,
  type PortableCounts,
} from './lines.ts';
import { oneAhead } from './one-ahead.ts';

/** Where an export goes on: behind these. */
export interface ExportPosition {
  /** A message; null begins with the first. */
  message: MessagePlace | null;
  key: string | null;
}

/** Everything in a store, opened, in the order in which it can be taken in: header, messages in their order, resources by key, end. */
export async function* exportLines(
  backend: StorageBackend,
  sealer: Sealer,
  from: ExportPosition = { message: null, key: null },
): AsyncGenerator<ExportLine[]> {
  const counts: PortableCounts = { messages: 0, resources: 0 };
  yield [
    {
      type: 'header',
      format: exportFormat,
      version: exportVersion,
      created_at: new Date().toISOString(),
      store_id: await storeId(backend.documents),
      embedding: await new EmbeddingGuard(backend.documents).known(),
    },
  ];
  // What comes in meanwhile is for the next time: writers without a pause must not make this endless.
  const [latest] = await backend.chat.conversations({ behind: null, limit: 1 });
  for await (const all of oneAhead(messagePages(backend.chat, from.message))) {
    const page = all.filter((message) => message.seq <= (latest?.last_seq ?? 0));
    if (page.length === 0) break;
    await sealer.prepare(page);
    counts.messages += page.length;
    yield await inTurns(page, (stored) => ({
      type: 'message' as const,
      message: openMessage(stored, sealer),
    }));
  }
  for await (const page of oneAhead(pagesWithParts(backend.estate, from.key))) {
    counts.resources += page.length;
    await sealer.prepare(page.map(({ stored }) => stored));
    await sealer.prepare(page.flatMap(({ history }) => history));
    yield await inTurns(page, (resource) => resourceLine(resource, sealer));
  }
  yield [{ type: 'end', counts }];
}

/** A resource with all that is exported of it. */
interface WithParts {
  stored: StoredResource;
  vector: Float32Array | null;
  history: StoredHistory[];
}

/** So many histories are asked for at once: one after the other the way there and back is most of the time. */
const historiesAtOnce = 32;

async function* pagesWithParts(
  estate: EstateBackend,
  afterKey: string | null,
): AsyncGenerator<WithParts[]> {
  for await (const page of resourcePages(estate, null, afterKey)) {
    const keys = page.map(({ record }) => record.key);
    const vectors = await estate.vectors(keys);
    const histories: StoredHistory[][] = [];
    for (let start = 0; start < keys.length; start += historiesAtOnce) {
      const some = keys.slice(start, start + historiesAtOnce);
      histories.push(...(await Promise.all(some.map((key) => estate.history(key, historyLength)))));
    }
    yield page.map((stored, index) => ({
      stored,
      vector: vectors[index] ?? null,
      history: histories[index] ?? [],
    }));
  }
}

function resourceLine({ stored, vector, history }: WithParts, sealer: Sealer): ExportLine {
  return {
    type: 'resource',
    record: openRecord(stored, sealer),
    vector: vector === null ? null : encodeVector(vector),
    history: history.map((entry) => openHistory(stored.record.key, entry, sealer)).toReversed(),
  };
}
