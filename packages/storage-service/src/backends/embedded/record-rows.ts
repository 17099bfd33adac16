import { StorageError } from '../../errors.ts';
import type { ClearRecord, ResourceDigest } from '../backend.ts';
import { bytesOf, textOf, textOrNull, type Row } from './rows.ts';

/** What of a record changes with a scan or has a column elsewhere: it is not in its body. */
export type BesideBody = Pick<
  ClearRecord,
  'first_seen' | 'last_seen' | 'missing_since' | 'scan_id' | 'embedding' | 'content_hash'
>;

/** The part of a record that is kept as JSON. */
export type Body = Omit<ClearRecord, keyof BesideBody>;

/** The JSON text of the body of a record. */
export function bodyText(record: ClearRecord): string {
  // Named one by one: that is quicker than leaving out the rest.
  return JSON.stringify({
    key: record.key,
    account_id: record.account_id,
    visible_from: record.visible_from,
    region: record.region,
    service: record.service,
    resource_type: record.resource_type,
    resource_id: record.resource_id,
    arn: record.arn,
    name: record.name,
    state: record.state,
    tags: record.tags,
    created_at: record.created_at,
    relations: record.relations,
    permissions: record.permissions,
    text: record.text,
  } satisfies Body);
}

/**
 * Puts a record together again.
 *
 * @param body what `bodyText` wrote
 * @param evaluatedAt when its permissions were evaluated last; null: as the body says
 */
export function recordWithBody(
  body: string,
  beside: BesideBody,
  evaluatedAt: string | null = null,
): ClearRecord {
  const clear = parsedBody(body);
  const { permissions } = clear;
  return {
    ...clear,
    permissions:
      permissions !== null && evaluatedAt !== null
        ? { ...permissions, evaluated_at: evaluatedAt }
        : permissions,
    ...beside,
  };
}

/** Its text is our own; `integrityCheck` names what something else has changed. */
function parsedBody(body: string): Body {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new StorageError('STORE_CORRUPT', 'The file is damaged: a record in it was changed.', {
      cause,
    });
  }
}

/** The columns that `resourceRowFrom` reads, of `resource r`, `digest d` and `body b`. */
export const recordColumns =
  'b.clear, b.sealed, r.first_seen, r.last_seen, r.missing_since, r.scan_id, r.evaluated_at, d.content_hash, d.model, d.text_hash';

/** A stored resource before its body is read. */
export interface ResourceRow {
  body: string;
  beside: BesideBody;
  evaluatedAt: string | null;
  sealed: Uint8Array;
}

/** A row with `recordColumns`. */
export function resourceRowFrom(row: Row): ResourceRow {
  return {
    body: textOf(row, 'clear'),
    beside: {
      content_hash: textOf(row, 'content_hash'),
      embedding: embeddingFrom(row),
      first_seen: textOf(row, 'first_seen'),
      last_seen: textOf(row, 'last_seen'),
      scan_id: textOrNull(row, 'scan_id'),
      missing_since: textOrNull(row, 'missing_since'),
    },
    evaluatedAt: textOrNull(row, 'evaluated_at'),
    sealed: bytesOf(row, 'sealed'),
  };
}

/** The record of a row without its sealed part. */
export function recordFrom(row: Row): ClearRecord {
  const { body, beside, evaluatedAt } = resourceRowFrom(row);
  return recordWithBody(body, beside, evaluatedAt);
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
