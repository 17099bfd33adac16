import { createHash } from 'node:crypto';
import { indexedIdentifiers, indexedWords } from '../../keyword-query.ts';
import {
  historyLength,
  type ClearRecord,
  type ResourceDigest,
  type ResourceWrite,
  type StoredHistory,
} from '../backend.ts';
import type { Database } from './database.ts';
import { bodyText, digestFrom } from './record-rows.ts';
import { numberOf } from './rows.ts';
import { unitBytes } from './vectors.ts';

/** The tables beside `resource` that have rows of it. */
const tablesByRid = ['digest', 'body', 'vector', 'resource_tag', 'relation', 'history'] as const;

/** Writes resources into their tables and indexes; runs inside a transaction. */
export class EstateWriter {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
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
  write(writes: readonly ResourceWrite[]): string[] {
    return writes.flatMap((write) => (this.#isWritten(write) ? [] : [write.key]));
  }

  #isWritten(write: ResourceWrite): boolean {
    if (isSightingOnly(write)) return this.#sight(write);
    const stored = this.#stored(write.key);
    if (!sameDigest(stored?.digest ?? null, write.expected)) return false;
    let rid = stored?.rid ?? null;
    if (write.row !== null) rid = this.#writeRow(rid, write.row);
    if (rid === null) return false;
    this.#sight(write);
    if (write.vector !== undefined) this.#writeVector(rid, write.vector);
    if (write.history.length > 0) this.#addHistory(rid, write.history);
    return true;
  }

  /** A row that another changed meanwhile was seen all the same; one that vanished or was given up was not. */
  #sight({ key, sighting, row }: ResourceWrite): boolean {
    const { changes } = this.#db
      .statement(
        'UPDATE resource SET last_seen = ?, scan_id = ?, evaluated_at = ? WHERE key = ? AND (? OR missing_since IS NULL)',
      )
      .run(sighting.last_seen, sighting.scan_id, sighting.evaluated_at, key, row === null ? 0 : 1);
    return changes !== 0;
  }

  #writeRow(stored: number | null, row: NonNullable<ResourceWrite['row']>): number {
    const { record, permissions_hash: permissionsHash, sealed } = row;
    const columns = [
      record.account_id,
      record.region,
      record.service,
      record.resource_type,
      record.state,
      record.missing_since,
      record.first_seen,
      record.last_seen,
      this.#actionSet(record.permissions?.allowed),
      record.name,
      record.resource_id,
      bareId(record),
      record.arn,
    ];
    let rid: number;
    if (stored === null) {
      const { lastInsertRowid } = this.#db
        .statement(
          `INSERT INTO resource (account_id, region, service, resource_type, state, missing_since, first_seen, last_seen,
             action_set, name, resource_id, bare_id, arn, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(...columns, record.key);
      rid = Number(lastInsertRowid);
    } else {
      rid = stored;
      this.#db
        .statement(
          `UPDATE resource SET account_id = ?, region = ?, service = ?, resource_type = ?, state = ?, missing_since = ?,
             first_seen = ?, last_seen = ?, action_set = ?, name = ?, resource_id = ?, bare_id = ?, arn = ? WHERE rid = ?`,
        )
        .run(...columns, rid);
      this.#db.statement('DELETE FROM resource_tag WHERE rid = ?').run(rid);
      this.#db.statement('DELETE FROM relation WHERE rid = ?').run(rid);
    }
    this.#db
      .statement(
        'INSERT OR REPLACE INTO digest (rid, content_hash, permissions_hash, model, text_hash) VALUES (?, ?, ?, ?, ?)',
      )
      .run(
        rid,
        record.content_hash,
        permissionsHash,
        record.embedding?.model ?? null,
        record.embedding?.text_hash ?? null,
      );
    this.#db
      .statement('INSERT OR REPLACE INTO body (rid, clear, sealed) VALUES (?, ?, ?)')
      .run(rid, bodyText(record), sealed);
    for (const [name, value] of Object.entries(record.tags ?? {})) {
      this.#db
        .statement('INSERT INTO resource_tag (rid, tag) VALUES (?, ?)')
        .run(rid, this.#tag(name, value));
    }
    for (const target of new Set(record.relations.map((relation) => relation.target))) {
      this.#db.statement('INSERT INTO relation (target, rid) VALUES (?, ?)').run(target, rid);
    }
    this.#index('words', rid, stored !== null, indexedWords(record));
    this.#index('identifiers', rid, stored !== null, indexedIdentifiers(record));
    return rid;
  }

  #index(table: 'words' | 'identifiers', rid: number, replace: boolean, text: string): void {
    if (replace) this.#db.statement(`DELETE FROM ${table} WHERE rowid = ?`).run(rid);
    this.#db.statement(`INSERT INTO ${table} (rowid, text) VALUES (?, ?)`).run(rid, text);
  }

  #addHistory(rid: number, entries: readonly StoredHistory[]): void {
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
    let removed = 0;
    for (const key of keys) {
      const row = this.#db.statement('DELETE FROM resource WHERE key = ? RETURNING rid').get(key);
      if (row === undefined) continue;
      const rid = numberOf(row, 'rid');
      for (const table of tablesByRid) {
        this.#db.statement(`DELETE FROM ${table} WHERE rid = ?`).run(rid);
      }
      for (const table of ['words', 'identifiers']) {
        this.#db.statement(`DELETE FROM ${table} WHERE rowid = ?`).run(rid);
      }
      removed += 1;
    }
    return removed;
  }

  #writeVector(rid: number, vector: NonNullable<ResourceWrite['vector']> | null): void {
    if (vector === null) {
      this.#db.statement('DELETE FROM vector WHERE rid = ?').run(rid);
      this.#db.statement('UPDATE resource SET code = NULL WHERE rid = ?').run(rid);
      this.#db.statement('UPDATE digest SET model = NULL, text_hash = NULL WHERE rid = ?').run(rid);
      return;
    }
    const bytes = unitBytes(vector.values);
    this.#db.statement('INSERT OR REPLACE INTO vector (rid, v) VALUES (?, ?)').run(rid, bytes);
    this.#db
      .statement('UPDATE resource SET code = vec_quantize_binary(?) WHERE rid = ?')
      .run(bytes, rid);
    this.#db
      .statement('UPDATE digest SET model = ?, text_hash = ? WHERE rid = ?')
      .run(vector.embedding?.model ?? null, vector.embedding?.text_hash ?? null, rid);
  }

  #tag(name: string, value: string): number {
    const found = this.#db
      .statement('SELECT id FROM tag WHERE name = ? AND value = ?')
      .get(name, value);
    if (found !== undefined) return numberOf(found, 'id');
    const { lastInsertRowid } = this.#db
      .statement('INSERT INTO tag (name, value) VALUES (?, ?)')
      .run(name, value);
    return Number(lastInsertRowid);
  }

  /** The set of these actions; null for none, which no condition meets. */
  #actionSet(allowed: readonly string[] | undefined): number | null {
    const actions = [...new Set(allowed)].sort();
    if (actions.length === 0) return null;
    const digest = createHash('sha256').update(JSON.stringify(actions)).digest('base64url');
    const found = this.#db.statement('SELECT id FROM action_set WHERE digest = ?').get(digest);
    if (found !== undefined) return numberOf(found, 'id');
    const { lastInsertRowid } = this.#db
      .statement('INSERT INTO action_set (digest) VALUES (?)')
      .run(digest);
    for (const action of actions) {
      this.#db
        .statement('INSERT INTO action_member (action, action_set) VALUES (?, ?)')
        .run(action, lastInsertRowid);
    }
    return Number(lastInsertRowid);
  }
}

/** Nothing but that it was seen: the quick way of most writes. */
function isSightingOnly(write: ResourceWrite): boolean {
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
