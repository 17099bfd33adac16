import type { ClearRecord, StoredResource } from './backends/backend.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import type { EstateRecord } from './estate-record.ts';
import { JsonObject, parseOwnJson } from './json.ts';
import { sealContextOf } from './seal-context.ts';
import { checkSize } from './size-limit.ts';

/**
 * The parts of a record as a backend keeps them.
 *
 * @throws StorageError `ITEM_TOO_LARGE`
 */
export function sealRecord(
  record: EstateRecord,
  sealer: Sealer,
): { record: ClearRecord; sealed: Uint8Array } {
  const { attributes, ...clear } = record;
  const text = JSON.stringify(attributes);
  checkSize(text + clear.text, 'resource', record.key);
  return { record: clear, sealed: sealer.seal(text, sealContextOf('attributes', record.key)) };
}

/** @throws StorageError `DECRYPTION_FAILED`, `STORE_CORRUPT` */
export function openRecord(stored: StoredResource, sealer: Sealer): EstateRecord {
  const { key } = stored.record;
  const text = sealer.open(stored.sealed, sealContextOf('attributes', key));
  const attributes = JsonObject.safeParse(parseOwnJson(text, `estate ${key}`));
  if (!attributes.success) {
    throw new StorageError('STORE_CORRUPT', `estate ${key}: the attributes have another shape.`);
  }
  return { ...stored.record, attributes: attributes.data };
}
