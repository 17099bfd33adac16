import { randomBytes } from 'node:crypto';
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
  writesFrom,
  writesWith,
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

  /**
   * Conditional changes do not say whether they applied: what is there afterwards does. Where another write has followed already,
   * the mark that this one left says it.
   */
  async write(writes: readonly ResourceWrite[]): Promise<string[]> {
    if (writes.length === 0) return [];
    const mark = randomBytes(6).toString('base64url');
    const created = writes.filter((write) => write.expected === null);
    await this.#points.insert(created.flatMap((write) => newPoint(write, mark)));
    const changed = writes.filter((write) => write.expected !== null);
    const rewritten = changed
      .filter((write) => write.row !== null)
      .map((write) => pointId(write.key));
    const before = await this.#points.retrieve(rewritten, ['history', 'writes']);
    await this.#points.change(
      changed.flatMap((write) => {
        return operationsOf(write, before.get(pointId(write.key)), mark);
      }),
    );
    const ids = writes.map((write) => pointId(write.key));
    const after = await this.#points.retrieve(ids, [...digestFields, 'writes']);
    return writes.flatMap((write) => {
      const point = after.get(pointId(write.key));
      const isDone = point !== undefined && isWritten(write, point, mark);
      return isDone ? [] : [write.key];
    });
  }
}

function isWritten(write: ResourceWrite, point: Schemas['Record'], mark: string): boolean {
  if (digestText(digestFrom(point)) === digestAfter(write)) return true;
  // A vector that goes after its record was left out where another write came between.
  const isOneStep = write.expected === null || write.vector === undefined;
  return isOneStep && writesFrom(point).includes(mark);
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

function newPoint(write: ResourceWrite, mark: string): Schemas['PointStruct'][] {
  const row = withEmbedding(write);
  if (row === null) return [];
  return [
    {
      id: pointId(write.key),
      vector: write.vector ? { [vectorName]: [...write.vector.values] } : {},
      payload: resourcePayload(row, write.sighting, historyPayload(latestHistory(write.history)), [
        mark,
      ]),
    },
  ];
}

function operationsOf(
  write: ResourceWrite,
  point: Schemas['Record'] | undefined,
  mark: string,
): Operation[] {
  const id = pointId(write.key);
  if (write.expected === null) return [];
  const before = digestFilter(id, digestText(write.expected));
  const operations: Operation[] = [];
  const row = withEmbedding(write);
  if (row === null) {
    operations.push({ set_payload: { payload: { ...write.sighting }, filter: before } });
  } else {
    const history = point === undefined ? [] : historyFrom(point);
    const entries = historyPayload(latestHistory([...history, ...write.history]));
    const payload = resourcePayload(row, write.sighting, entries, writesWith(point, mark));
    operations.push({ overwrite_payload: { payload, filter: before } });
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
