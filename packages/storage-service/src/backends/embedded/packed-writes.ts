import type { EstateEmbedding } from '../../estate-record.ts';
import type { ResourceWrite, StoredHistory } from '../backend.ts';
import { bodyText, recordWithBody, type BesideBody } from './record-rows.ts';

/**
 * Writes as they cross the thread. Text is cloned several times faster than objects, and all that is binary is in one buffer, which
 * moves to the other side instead of being copied.
 */
export interface PackedWrites {
  /** JSON of a `Head` for each write. */
  heads: string;
  /** The JSON of each record, as it will be stored. */
  bodies: string[];
  /** Vectors first, so that each begins at a multiple of 4, then sealed bytes; in the order of the writes. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** A write on the other side. */
export type UnpackedWrite = Omit<ResourceWrite, 'row'> & {
  row: (NonNullable<ResourceWrite['row']> & { body: string }) | null;
};

interface Head extends Pick<ResourceWrite, 'key' | 'expected' | 'sighting'> {
  row: { beside: BesideBody; permissions_hash: string; sealed: number } | null;
  /** Absent: the stored one stays. */
  vector?: { length: number; embedding: EstateEmbedding | null } | null;
  history: (Omit<StoredHistory, 'sealed'> & { sealed: number })[];
}

/** Makes one message of writes; the vectors and sealed bytes are copied once. */
export function packWrites(writes: readonly ResourceWrite[]): PackedWrites {
  return {
    heads: JSON.stringify(writes.map((write) => headOf(write))),
    bodies: writes.flatMap(({ row }) => (row === null ? [] : [bodyText(row.record)])),
    bytes: joined(
      writes.flatMap(({ vector }) => (vector ? [vector.values] : [])),
      writes.flatMap(({ row, history }) => [
        ...(row === null ? [] : [row.sealed]),
        ...history.map(({ sealed }) => sealed),
      ]),
    ),
  };
}

function headOf({ key, expected, sighting, row, vector, history }: ResourceWrite): Head {
  const head: Head = {
    key,
    expected,
    sighting,
    row: row === null ? null : headOfRow(row),
    history: history.map(({ at, scan_id, sealed }) => ({ at, scan_id, sealed: sealed.length })),
  };
  if (vector !== undefined) head.vector = vector === null ? null : headOfVector(vector);
  return head;
}

function headOfRow(row: NonNullable<ResourceWrite['row']>): Head['row'] {
  const { content_hash, embedding, first_seen, last_seen, missing_since, scan_id } = row.record;
  return {
    beside: { content_hash, embedding, first_seen, last_seen, missing_since, scan_id },
    permissions_hash: row.permissions_hash,
    sealed: row.sealed.length,
  };
}

function headOfVector({ values, embedding }: NonNullable<ResourceWrite['vector']>) {
  return { length: values.length, embedding };
}

function joined(
  vectors: readonly Float32Array[],
  blobs: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const numbers = vectors.reduce((sum, vector) => sum + vector.length, 0);
  const rest = blobs.reduce((sum, blob) => sum + blob.length, 0);
  const buffer = new ArrayBuffer(numbers * 4 + rest);
  const floats = new Float32Array(buffer, 0, numbers);
  const bytes = new Uint8Array(buffer);
  let at = 0;
  for (const vector of vectors) {
    floats.set(vector, at);
    at += vector.length;
  }
  at *= 4;
  for (const blob of blobs) {
    bytes.set(blob, at);
    at += blob.length;
  }
  return bytes;
}

/** Takes a message apart; what is binary are views of its buffer, which belongs to this side now. */
export function unpackWrites({ heads, bodies, bytes }: PackedWrites): UnpackedWrite[] {
  // Both ends of the thread are this package: `packWrites` wrote it.
  const parsed: Head[] = JSON.parse(heads);
  const texts = bodies.values();
  let float = 0;
  let byte = parsed.reduce((sum, head) => sum + (head.vector?.length ?? 0) * 4, 0);
  const nextVector = (length: number) =>
    new Float32Array(bytes.buffer, 4 * (float += length) - 4 * length, length);
  const nextBlob = (length: number) => bytes.subarray((byte += length) - length, byte);
  const rowOf = ({ beside, permissions_hash, sealed }: NonNullable<Head['row']>) => {
    const body = texts.next().value ?? '';
    return {
      record: recordWithBody(body, beside),
      body,
      permissions_hash,
      sealed: nextBlob(sealed),
    };
  };
  return parsed.map(({ key, expected, sighting, row, vector, history }) => ({
    key,
    expected,
    sighting,
    row: row === null ? null : rowOf(row),
    vector: vector ? { values: nextVector(vector.length), embedding: vector.embedding } : vector,
    history: history.map(({ at, scan_id, sealed }) => ({ at, scan_id, sealed: nextBlob(sealed) })),
  }));
}
