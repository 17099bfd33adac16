import type { StorageBackend } from '../backends/backend.ts';
import { messagePages, resourcePages } from '../backends/pages.ts';
import { openMessage } from '../chat-sealing.ts';
import { EmbeddingGuard } from '../embedding-guard.ts';
import type { Sealer } from '../encryption/sealer.ts';
import { openHistory } from '../estate-history.ts';
import { openRecord } from '../estate-sealing.ts';
import { storeId } from '../store-id.ts';
import {
  encodeVector,
  exportFormat,
  exportVersion,
  type ExportLine,
  type PortableCounts,
} from './lines.ts';

/** Where an export goes on: behind these. */
export interface ExportPosition {
  seq: number;
  key: string | null;
}

/** Everything in a store, opened, in the order in which it can be taken in: header, messages by `seq`, resources by key, end. */
export async function* exportLines(
  backend: StorageBackend,
  sealer: Sealer,
  from: ExportPosition = { seq: 0, key: null },
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
  const [latest] = await backend.chat.conversations({ beforeSeq: null, limit: 1 });
  for await (const all of messagePages(backend.chat, from.seq)) {
    const page = all.filter((message) => message.seq <= (latest?.last_seq ?? 0));
    if (page.length === 0) break;
    await sealer.prepare(page);
    counts.messages += page.length;
    yield page.map((stored) => ({ type: 'message', message: openMessage(stored, sealer) }));
  }
  for await (const page of resourcePages(backend.estate, null, from.key)) {
    await sealer.prepare(page);
    counts.resources += page.length;
    const vectors = await backend.estate.vectors(page.map(({ record }) => record.key));
    const lines: ExportLine[] = [];
    for (const [index, stored] of page.entries()) {
      const { key } = stored.record;
      const history = await backend.estate.history(key, 1000);
      await sealer.prepare(history);
      const vector = vectors[index] ?? null;
      lines.push({
        type: 'resource',
        record: openRecord(stored, sealer),
        vector: vector === null ? null : encodeVector(vector),
        history: history.map((entry) => openHistory(key, entry, sealer)).toReversed(),
      });
    }
    yield lines;
  }
  yield [{ type: 'end', counts }];
}
