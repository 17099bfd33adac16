import type { SealedCollection, SealedItem } from '../backend.ts';
import type { Database } from './database.ts';
import { firstPart } from './parts.ts';
import { bytesOf, numberOf, textOf } from './rows.ts';

/** Where each kind of sealed bytes is: the table, its number, and what its id is. */
const tables: Readonly<Record<SealedCollection, { from: string; table: string; number: string }>> =
  {
    messages: { from: 'message t', table: 'message', number: 'seq' },
    attributes: { from: 'body t JOIN resource o ON o.rid = t.rid', table: 'body', number: 'rid' },
    history: { from: 'history t JOIN resource o ON o.rid = t.rid', table: 'history', number: 'id' },
  };

/** Reads and replaces sealed bytes, whatever they belong to. */
export class SealedTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  page(query: { collection: SealedCollection; after: string | null; limit: number }): SealedItem[] {
    const { from, number } = tables[query.collection];
    const id = query.collection === 'messages' ? 't.id' : 'o.key';
    const rows = this.#db
      .statement(
        `SELECT t.${number} AS place, ${id} AS id, t.sealed FROM ${from} WHERE t.${number} > ? ORDER BY t.${number} LIMIT ?`,
      )
      .iterate(Number(query.after ?? 0), query.limit);
    return firstPart(rows, (row) => ({
      place: String(numberOf(row, 'place')),
      id: textOf(row, 'id'),
      sealed: bytesOf(row, 'sealed'),
    })).rows;
  }

  replace(
    collection: SealedCollection,
    items: readonly { place: string; expected: Uint8Array; sealed: Uint8Array }[],
  ): number {
    const { table, number } = tables[collection];
    const statement = this.#db.statement(
      `UPDATE ${table} SET sealed = ? WHERE ${number} = ? AND sealed = ?`,
    );
    let replaced = 0;
    for (const { place, expected, sealed } of items) {
      replaced += Number(statement.run(sealed, Number(place), expected).changes);
    }
    return replaced;
  }
}
