import type { ClearRecord, ResourceDigest, StoredResource } from '../backend.ts';
import { bytesOf, textOf, textOrNull, type Row } from './rows.ts';

/** The part of a record that is kept as JSON; what changes with a scan or has a column elsewhere stays out. */
type Body = Omit<
  ClearRecord,
  'first_seen' | 'last_seen' | 'missing_since' | 'scan_id' | 'embedding' | 'content_hash'
>;

/** The JSON text of the body of a record. */
export function bodyText(record: ClearRecord): string {
  const {
    first_seen: _f,
    last_seen: _l,
    missing_since: _m,
    scan_id: _s,
    embedding: _e,
    content_hash: _c,
    ...body
  } = record;
  return JSON.stringify(body satisfies Body);
}

/** The columns that `resourceFrom` reads, of `resource r`, `digest d` and `body b`. */
export const recordColumns =
  'b.clear, b.sealed, r.first_seen, r.last_seen, r.missing_since, r.scan_id, r.evaluated_at, d.content_hash, d.model, d.text_hash';

/** Puts a record together again. */
export function resourceFrom(row: Row): StoredResource {
  return { record: recordFrom(row), sealed: bytesOf(row, 'sealed') };
}

/** The record without its sealed part. */
export function recordFrom(row: Row): ClearRecord {
  // The text is our own, written by `bodyText` and guarded by the file's integrity.
  const body: Body = JSON.parse(textOf(row, 'clear'));
  const evaluatedAt = textOrNull(row, 'evaluated_at');
  return {
    ...body,
    permissions:
      body.permissions !== null && evaluatedAt !== null
        ? { ...body.permissions, evaluated_at: evaluatedAt }
        : body.permissions,
    content_hash: textOf(row, 'content_hash'),
    embedding: embeddingFrom(row),
    first_seen: textOf(row, 'first_seen'),
    last_seen: textOf(row, 'last_seen'),
    scan_id: textOrNull(row, 'scan_id'),
    missing_since: textOrNull(row, 'missing_since'),
  };
}

/** The digest of a row with the columns of `digest d` and `first_seen`, `missing_since`. */
export function digestFrom(row: Row): ResourceDigest {
  return {
    content_hash: textOf(row, 'content_hash'),
    permissions_hash: textOf(row, 'permissions_hash'),
    embedding: embeddingFrom(row),
    first_seen: textOf(row, 'first_seen'),
    missing_since: textOrNull(row, 'missing_since'),
  };
}

function embeddingFrom(row: Row): ClearRecord['embedding'] {
  const model = textOrNull(row, 'model');
  const textHash = textOrNull(row, 'text_hash');
  return model === null || textHash === null ? null : { model, text_hash: textHash };
}
