import type { ResourceDigest, ResourceWrite } from './backends/backend.ts';
import type { Sealer } from './encryption/sealer.ts';
import { sealHistory } from './estate-history.ts';
import {
  contentHash,
  permissionsHash,
  type EstateEmbedding,
  type EstateRecord,
  type EstateRecordInput,
} from './estate-record.ts';
import { sealRecord } from './estate-sealing.ts';
import { recordDifference } from './record-difference.ts';

/** A validated item of an upsert. */
export interface EstateItem {
  record: EstateRecordInput;
  vector: Float32Array | null | undefined;
}

/** What an upsert will do to one key. */
export interface PlannedChange {
  outcome: 'created' | 'changed' | 'unchanged';
  /** The record as it will be. */
  record: EstateRecord;
  permissionsHash: string;
  vector: Float32Array | null | undefined;
  /** What the decision rests on. */
  stored: ResourceDigest | null;
}

/** Compares an item with what is stored. */
export function planChange(
  item: EstateItem,
  stored: ResourceDigest | null,
  now: string,
): PlannedChange {
  const record = completeRecord(item, stored, now);
  const permissions = permissionsHash(record.permissions);
  const isSame =
    stored !== null &&
    stored.missing_since === null &&
    stored.content_hash === record.content_hash &&
    stored.permissions_hash === permissions;
  return {
    outcome: stored === null ? 'created' : isSame ? 'unchanged' : 'changed',
    record,
    permissionsHash: permissions,
    vector: item.vector,
    stored,
  };
}

/** The write that makes a planned change; `before` is the stored record of a changed one, where it can still be read. */
export function writeOf(
  change: PlannedChange,
  before: EstateRecord | null,
  sealer: Sealer,
): ResourceWrite {
  const { record, stored, vector } = change;
  return {
    key: record.key,
    expected: stored,
    row:
      change.outcome === 'unchanged'
        ? null
        : { ...sealRecord(record, sealer), permissions_hash: change.permissionsHash },
    sighting: {
      last_seen: record.last_seen,
      scan_id: record.scan_id,
      evaluated_at: record.permissions?.evaluated_at ?? null,
    },
    vector: vector ? { values: vector, embedding: record.embedding } : vector,
    history:
      change.outcome === 'changed'
        ? [sealHistory(record.key, entryOf(change, before), sealer)]
        : [],
  };
}

function entryOf({ record, stored }: PlannedChange, before: EstateRecord | null) {
  return {
    at: record.last_seen,
    scan_id: record.scan_id,
    kind: stored?.missing_since ? ('returned' as const) : ('changed' as const),
    fields: before === null ? [] : recordDifference(before, record),
  };
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
