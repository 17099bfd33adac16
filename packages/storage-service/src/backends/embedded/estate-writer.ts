import {
  historyLength,
  type ClearRecord,
  type ResourceDigest,
  type StoredHistory,
} from '../backend.ts';
import type { Database, SqlValue } from './database.ts';
import { Interned } from './interned.ts';
import type { UnpackedWrite } from './packed-writes.ts';
import { recordSum, vectorSum } from './record-check.ts';
import { digestFrom } from './record-rows.ts';
import { ResourceIndexes } from './resource-indexes.ts';
import { numberOf } from './rows.ts';
import { unitBytes } from './vectors.ts';

/** The tables beside `resource` and its indexes that have rows of it. */
const tablesByRid = ['digest', 'body', 'vector', 'history'] as const;

/** Writes resources into their tables and indexes; runs inside a transaction. */
export class EstateWriter {
  readonly #db: Database;
  readonly #interned: Interned;
  readonly #indexes: ResourceIndexes;

  constructor(db: Database) {
    this.#db = db;
    this.#interned = new Interned(db);
    this.#indexes = new ResourceIndexes(db, this.#interned);
  }

  digests(keys: readonly string[]): (ResourceDigest | null)[] {
    return keys.map((key) => this.#stored(key)?.digest ?? null);
  }

  #stored(key: string): { rid: number; digest: ResourceDigest } | null {
    const row = this.#db
      .statement(
        `SELECT r.rid, r.first_seen, r.missing_since, d.content_hash, d.permissions_hash, d.model, d.text_hash
         FROM resource r JOIN digest d ON d.rid = r.rid WHERE r.key = ?`,
      )
      .get(key);
    return row === undefined ? null : { rid: numberOf(row, 'rid'), digest: digestFrom(row) };
  }

  /** Writes what still stands on the digest it was decided on; returns the keys of the rest. */
  write(writes: readonly UnpackedWrite[]): string[] {
    return writes.flatMap((write) => (this.#isWritten(write) ? [] : [write.key]));
  }

  #isWritten(write: UnpackedWrite): boolean {
    if (isSightingOnly(write)) return this.#sight(write);
    const stored = this.#stored(write.key);
    if (!sameDigest(stored?.digest ?? null, write.expected)) return false;
    if (stored === null) return this.#insert(write);
    if (write.row !== null) this.#replace(stored.rid, write.row);
    this.#sight(write);
    if (write.vector !== undefined) this.#writeVector(stored.rid, write.vector);
    this.#addHistory(stored.rid, write.history);
    return true;
  }

  /** A row that another changed meanwhile was seen all the same; one that vanished or was given up was not. */
  #sight({ key, sighting, row }: UnpackedWrite): boolean {
    const { changes } = this.#db
      .statement(
        'UPDATE resource SET last_seen = ?, scan_id = ?, evaluated_at = ? WHERE key = ? AND (? OR missing_since IS NULL)',
      )
      .run(sighting.last_seen, sighting.scan_id, sighting.evaluated_at, key, row === null ? 0 : 1);
    return changes !== 0;
  }

  /** A new resource in one statement a table: there are many of them in a first scan. */
  #insert({ row, sighting, vector, history }: UnpackedWrite): boolean {
    if (row === null) return false;
    const unit = vector ? unitBytes(vector.values) : null;
    const { lastInsertRowid } = this.#db
      .statement(
        `INSERT INTO resource (account_id, region, service, resource_type, state, missing_since, first_seen, action_set, name,
           resource_id, bare_id, arn, key, last_seen, scan_id, evaluated_at, code)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
           CASE WHEN ?17 IS NOT NULL THEN vec_quantize_binary(?17) END)`,
      )
      .run(
        ...this.#columns(row.record),
        row.record.key,
        sighting.last_seen,
        sighting.scan_id,
        sighting.evaluated_at,
        unit,
      );
    const rid = Number(lastInsertRowid);
    const embedding = vector ? vector.embedding : row.record.embedding;
    this.#writeParts(rid, row, embedding);
    this.#indexes.insert(rid, row.record);
    if (unit !== null)
      this.#db
        .statement('INSERT INTO vector (rid, sum, v) VALUES (?, ?, ?)')
        .run(rid, vectorSum(unit), unit);
    this.#addHistory(rid, history);
    return true;
  }

  #replace(rid: number, row: NonNullable<UnpackedWrite['row']>): void {
    this.#db
      .statement(
        `UPDATE resource SET account_id = ?, region = ?, service = ?, resource_type = ?, state = ?, missing_since = ?,
           first_seen = ?, action_set = ?, name = ?, resource_id = ?, bare_id = ?, arn = ? WHERE rid = ?`,
      )
      .run(...this.#columns(row.record), rid);
    const before = this.#db.statement('SELECT clear FROM body WHERE rid = ?').get(rid)?.['clear'];
    this.#indexes.replace(rid, typeof before === 'string' ? before : '', row.record);
    this.#writeParts(rid, row, row.record.embedding);
  }

  /** What filters look at, but for what a sighting changes. */
  #columns(record: ClearRecord): SqlValue[] {
    return [
      record.account_id,
      record.region,
      record.service,
      record.resource_type,
      record.state,
      record.missing_since,
      record.first_seen,
      this.#interned.actionSet(record.permissions?.allowed),
      record.name,
      record.resource_id,
      bareId(record),
      record.arn,
    ];
  }

  #writeParts(
    rid: number,
    { record, body, permissions_hash, sealed }: NonNullable<UnpackedWrite['row']>,
    embedding: ClearRecord['embedding'],
  ): void {
    this.#db
      .statement(
        'INSERT OR REPLACE INTO digest (rid, content_hash, permissions_hash, model, text_hash) VALUES (?, ?, ?, ?, ?)',
      )
      .run(
        rid,
        record.content_hash,
        permissions_hash,
        embedding?.model ?? null,
        embedding?.text_hash ?? null,
      );
    this.#db
      .statement('INSERT OR REPLACE INTO body (rid, clear, sum, sealed) VALUES (?, ?, ?, ?)')
      .run(rid, body, recordSum(body, record, permissions_hash), sealed);
  }

  #addHistory(rid: number, entries: readonly StoredHistory[]): void {
    if (entries.length === 0) return;
    for (const { at, scan_id, sealed } of entries) {
      this.#db
        .statement('INSERT INTO history (rid, at, scan_id, sealed) VALUES (?, ?, ?, ?)')
        .run(rid, at, scan_id, sealed);
    }
    this.#db
      .statement(
        'DELETE FROM history WHERE id IN (SELECT id FROM history WHERE rid = ? ORDER BY id DESC LIMIT -1 OFFSET ?)',
      )
      .run(rid, historyLength);
  }

  /** Removes resources with all that belongs to them; returns how many there were. */
  remove(keys: readonly string[]): number {
    const rids = this.#db
      .statement('DELETE FROM resource WHERE key IN (SELECT value FROM json_each(?)) RETURNING rid')
      .all(JSON.stringify(keys))
      .map((row) => numberOf(row, 'rid'));
    const all = JSON.stringify(rids);
    for (const table of tablesByRid) {
      this.#db
        .statement(`DELETE FROM ${table} WHERE rid IN (SELECT value FROM json_each(?))`)
        .run(all);
    }
    this.#indexes.remove(rids);
    return rids.length;
  }

  #writeVector(rid: number, vector: NonNullable<UnpackedWrite['vector']> | null): void {
    if (vector === null) {
      this.#db.statement('DELETE FROM vector WHERE rid = ?').run(rid);
      this.#db.statement('UPDATE resource SET code = NULL WHERE rid = ?').run(rid);
      this.#db.statement('UPDATE digest SET model = NULL, text_hash = NULL WHERE rid = ?').run(rid);
      return;
    }
    const bytes = unitBytes(vector.values);
    this.#db
      .statement('INSERT OR REPLACE INTO vector (rid, sum, v) VALUES (?, ?, ?)')
      .run(rid, vectorSum(bytes), bytes);
    this.#db
      .statement('UPDATE resource SET code = vec_quantize_binary(?) WHERE rid = ?')
      .run(bytes, rid);
    this.#db
      .statement('UPDATE digest SET model = ?, text_hash = ? WHERE rid = ?')
      .run(vector.embedding?.model ?? null, vector.embedding?.text_hash ?? null, rid);
  }
}

/** Nothing but that it was seen: the quick way of most writes. */
function isSightingOnly(write: UnpackedWrite): boolean {
  return (
    write.row === null &&
    write.vector === undefined &&
    write.history.length === 0 &&
    write.expected !== null
  );
}

function bareId({ resource_id }: ClearRecord): string {
  return resource_id.slice(resource_id.indexOf('/') + 1);
}

function sameDigest(a: ResourceDigest | null, b: ResourceDigest | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.content_hash === b.content_hash &&
    a.permissions_hash === b.permissions_hash &&
    a.missing_since === b.missing_since &&
    a.embedding?.text_hash === b.embedding?.text_hash &&
    a.embedding?.model === b.embedding?.model
  );
}
