import { z } from 'zod';
import type { StoredHistory } from './backends/backend.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import { JsonValue, parseOwnJson } from './json.ts';
import type { FieldChange } from './record-difference.ts';
import { sealContextOf } from './seal-context.ts';

/** What happened to a resource, as it was noticed by a scan. */
export interface HistoryEntry {
  /** When it was seen: RFC 3339, UTC. */
  at: string;
  scan_id: string | null;
  /** `missing`: a complete scan no longer found it; `returned`: it was found again. */
  kind: 'changed' | 'missing' | 'returned';
  /** The fields that differ; at most 500. */
  fields: FieldChange[];
}

const SealedPart = z.object({
  kind: z.enum(['changed', 'missing', 'returned']),
  fields: z.array(
    z.object({
      path: z.string(),
      before: JsonValue,
      after: JsonValue,
      is_shortened: z.boolean(),
    }),
  ),
});

/** An entry as a backend keeps it: values of attributes are in it, so it is sealed. */
export function sealHistory(key: string, entry: HistoryEntry, sealer: Sealer): StoredHistory {
  const { at, scan_id, kind, fields } = entry;
  return {
    at,
    scan_id,
    sealed: sealer.seal(JSON.stringify({ kind, fields }), sealContextOf('history', key)),
  };
}

/** @throws StorageError `DECRYPTION_FAILED`, `STORE_CORRUPT` */
export function openHistory(key: string, stored: StoredHistory, sealer: Sealer): HistoryEntry {
  const parsed = SealedPart.safeParse(
    parseOwnJson(
      sealer.open(stored.sealed, sealContextOf('history', key)),
      `estate ${key}: history`,
    ),
  );
  if (!parsed.success) {
    throw new StorageError('STORE_CORRUPT', `estate ${key}: its history has another shape.`);
  }
  const { at, scan_id } = stored;
  return { at, scan_id, ...parsed.data };
}
