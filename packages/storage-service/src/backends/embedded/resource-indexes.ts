import { indexedIdentifiers, indexedWords } from '../../keyword-query.ts';
import type { ClearRecord } from '../backend.ts';
import type { Database } from './database.ts';
import type { Interned } from './interned.ts';
import type { Body } from './record-rows.ts';

const rowTables = ['resource_tag', 'relation'] as const;
const wordTables = ['words', 'identifiers'] as const;

/** What finds a resource by its tags, relations, words and identifiers. */
export class ResourceIndexes {
  readonly #db: Database;
  readonly #interned: Interned;

  constructor(db: Database, interned: Interned) {
    this.#db = db;
    this.#interned = interned;
  }

  insert(rid: number, record: ClearRecord): void {
    for (const [name, value] of Object.entries(record.tags ?? {})) {
      this.#db
        .statement('INSERT INTO resource_tag (rid, tag) VALUES (?, ?)')
        .run(rid, this.#interned.tag(name, value));
    }
    for (const target of new Set(record.relations.map((relation) => relation.target))) {
      this.#db.statement('INSERT INTO relation (target, rid) VALUES (?, ?)').run(target, rid);
    }
    for (const [table, text] of [
      ['words', indexedWords(record)],
      ['identifiers', indexedIdentifiers(record)],
    ] as const) {
      this.#db.statement(`INSERT INTO ${table} (rowid, text) VALUES (?, ?)`).run(rid, text);
    }
  }

  /** Brings them up to date; most changes, and all tombstones, leave what is indexed as it was. `before` is the stored body. */
  replace(rid: number, before: string, record: ClearRecord): void {
    if (indexed(bodyOrNull(before)) === indexed(record)) return;
    this.remove([rid]);
    this.insert(rid, record);
  }

  remove(rids: readonly number[]): void {
    const all = JSON.stringify(rids);
    for (const table of rowTables) {
      this.#db
        .statement(`DELETE FROM ${table} WHERE rid IN (SELECT value FROM json_each(?))`)
        .run(all);
    }
    for (const table of wordTables) {
      this.#db
        .statement(`DELETE FROM ${table} WHERE rowid IN (SELECT value FROM json_each(?))`)
        .run(all);
    }
  }
}

/** A damaged body is replaced, and must not be what keeps it from that. */
function bodyOrNull(text: string): Body | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** All that the indexes are made of. */
function indexed(body: Body | null): string {
  return JSON.stringify([
    body?.tags,
    body?.relations,
    body?.account_id,
    body?.region,
    body?.state,
    body?.name,
    body?.resource_id,
    body?.resource_type,
    body?.created_at,
    body?.text,
  ]);
}
