import type { ResourceDigest, ResourceWrite } from './backends/backend.ts';
import type { Sealer } from './encryption/sealer.ts';
import {
  contentHash,
  permissionsHash,
  type EstateEmbedding,
  type EstateRecord,
  type EstateRecordInput,
} from './estate-record.ts';
import { pointId } from './identity.ts';
import { checkSize } from './size-limit.ts';

/** A validated item of an upsert. */
export interface EstateItem {
  record: EstateRecordInput;
  vector: Float32Array | null | undefined;
}

/** What an upsert does to one key. */
export interface PlannedWrite {
  write: ResourceWrite;
  outcome: 'created' | 'changed' | 'unchanged';
}

/** Decides what an upsert writes, from what is stored. */
export function planWrite(
  item: EstateItem,
  stored: ResourceDigest | null,
  sealer: Sealer,
  now: string,
): PlannedWrite {
  const record = completeRecord(item, stored, now);
  const permissions = permissionsHash(record.permissions);
  const isSame =
    stored !== null &&
    stored.missing_since === null &&
    stored.content_hash === record.content_hash &&
    stored.permissions_hash === permissions;
  return {
    outcome: stored === null ? 'created' : isSame ? 'unchanged' : 'changed',
    write: {
      key: record.key,
      expected: stored,
      row: isSame ? null : sealedRow(record, permissions, sealer),
      sighting: {
        last_seen: record.last_seen,
        scan_id: record.scan_id,
        evaluated_at: record.permissions?.evaluated_at ?? null,
      },
      vector: vectorOf(item.vector, record.embedding),
    },
  };
}

function vectorOf(
  vector: Float32Array | null | undefined,
  embedding: EstateEmbedding | null,
): ResourceWrite['vector'] {
  return vector ? { values: vector, embedding } : vector;
}

function sealedRow(record: EstateRecord, permissions: string, sealer: Sealer) {
  const { attributes, ...clear } = record;
  const text = JSON.stringify(attributes);
  checkSize(text + clear.text, 'resource', record.key);
  return {
    record: clear,
    permissions_hash: permissions,
    sealed: sealer.seal(text, attributesContext(record.key)),
  };
}

/** Where the attributes of a resource belong. */
export function attributesContext(key: string) {
  return { collection: 'estate', id: pointId(key), field: 'attributes' };
}

function completeRecord(
  { record, vector }: EstateItem,
  stored: ResourceDigest | null,
  now: string,
): EstateRecord {
  const lastSeen = record.last_seen ?? now;
  const complete = {
    key: record.key,
    account_id: record.account_id,
    visible_from: record.visible_from ?? [],
    region: record.region,
    service: record.service,
    resource_type: record.resource_type,
    resource_id: record.resource_id,
    arn: record.arn ?? null,
    name: record.name ?? null,
    state: record.state ?? null,
    tags: record.tags ?? null,
    created_at: record.created_at ?? null,
    attributes: record.attributes ?? {},
    relations: record.relations ?? [],
    permissions: record.permissions ?? null,
    text: record.text ?? '',
    embedding: embeddingOf(record.embedding ?? null, vector, stored),
    first_seen: stored?.first_seen ?? record.first_seen ?? lastSeen,
    last_seen: lastSeen,
    scan_id: record.scan_id ?? null,
    missing_since: null,
  };
  return { ...complete, content_hash: record.content_hash ?? contentHash(complete) };
}

/** Says what the stored vector is made from, which is the vector that was there unless another came. */
function embeddingOf(
  given: EstateEmbedding | null,
  vector: Float32Array | null | undefined,
  stored: ResourceDigest | null,
): EstateEmbedding | null {
  if (vector === null) return null;
  return vector === undefined ? (stored?.embedding ?? null) : given;
}
