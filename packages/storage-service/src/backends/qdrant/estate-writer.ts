import type { Schemas } from '@qdrant/js-client-rest';
import { pointId } from '../../identity.ts';
import type { ResourceWrite } from '../backend.ts';
import { vectorName } from './collections.ts';
import {
  digestFields,
  digestFilter,
  digestFrom,
  digestOf,
  digestText,
  historyFrom,
  historyPayload,
  latestHistory,
  resourcePayload,
} from './payloads.ts';
import type { QdrantPoints } from './points.ts';

type Operation = Schemas['UpdateOperation'];

/** Writes resources so that each write takes effect only on the digest that it was decided on. */
export class QdrantEstateWriter {
  readonly #points: QdrantPoints;

  constructor(points: QdrantPoints) {
    this.#points = points;
  }

  async digests(keys: readonly string[]) {
    const points = await this.#points.retrieve(keys.map(pointId), digestFields);
    return keys.map((key) => {
      const point = points.get(pointId(key));
      return point === undefined ? null : digestFrom(point);
    });
  }

  /** Conditional changes do not say whether they applied: what is there afterwards does. */
  async write(writes: readonly ResourceWrite[]): Promise<string[]> {
    if (writes.length === 0) return [];
    const created = writes.filter((write) => write.expected === null);
    await this.#points.insert(created.flatMap((write) => newPoint(write)));
    const changed = writes.filter((write) => write.expected !== null);
    const rewritten = changed
      .filter((write) => write.row !== null)
      .map((write) => pointId(write.key));
    const before = await this.#points.retrieve(rewritten, ['history']);
    await this.#points.change(
      changed.flatMap((write) => {
        const point = before.get(pointId(write.key));
        return operationsOf(write, point === undefined ? [] : historyFrom(point));
      }),
    );
    const after = await this.digests(writes.map((write) => write.key));
    return writes.flatMap((write, index) => {
      const digest = after[index] ?? null;
      const isThere = digest !== null && digestText(digest) === digestAfter(write);
      return isThere ? [] : [write.key];
    });
  }
}

/** The digest that a write leaves. */
function digestAfter(write: ResourceWrite): string | null {
  const base =
    write.row === null ? write.expected : digestOf(write.row.record, write.row.permissions_hash);
  if (base === null) return null;
  const embedding = write.vector === undefined ? base.embedding : (write.vector?.embedding ?? null);
  return digestText({ ...base, embedding });
}

function withEmbedding(write: ResourceWrite): ResourceWrite['row'] {
  if (write.row === null || write.vector === undefined) return write.row;
  const embedding = write.vector?.embedding ?? null;
  return { ...write.row, record: { ...write.row.record, embedding } };
}

function newPoint(write: ResourceWrite): Schemas['PointStruct'][] {
  const row = withEmbedding(write);
  if (row === null) return [];
  return [
    {
      id: pointId(write.key),
      vector: write.vector ? { [vectorName]: [...write.vector.values] } : {},
      payload: resourcePayload(row, write.sighting, historyPayload(latestHistory(write.history))),
    },
  ];
}

function operationsOf(write: ResourceWrite, history: ReturnType<typeof historyFrom>): Operation[] {
  const id = pointId(write.key);
  if (write.expected === null) return [];
  const before = digestFilter(id, digestText(write.expected));
  const operations: Operation[] = [];
  const row = withEmbedding(write);
  if (row === null) {
    operations.push({ set_payload: { payload: { ...write.sighting }, filter: before } });
  } else {
    const entries = historyPayload(latestHistory([...history, ...write.history]));
    operations.push({
      overwrite_payload: { payload: resourcePayload(row, write.sighting, entries), filter: before },
    });
  }
  if (write.vector === undefined) return operations;
  // A vector alone changes the digest too; it goes last, and only where the payload is ours.
  if (row === null) operations.push(...embeddingOperations(write, before));
  const after = digestFilter(id, digestAfter(write) ?? '');
  operations.push(
    write.vector === null
      ? { delete_vectors: { vector: [vectorName], filter: after } }
      : {
          update_vectors: {
            points: [{ id, vector: { [vectorName]: [...write.vector.values] } }],
            update_filter: after,
          },
        },
  );
  return operations;
}

function embeddingOperations(write: ResourceWrite, filter: Schemas['Filter']): Operation[] {
  const embedding = write.vector?.embedding ?? null;
  return [
    { set_payload: { key: 'record', payload: { embedding }, filter } },
    { set_payload: { payload: { digest: digestAfter(write) }, filter } },
  ];
}
