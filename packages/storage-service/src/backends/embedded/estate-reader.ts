import { fieldOf } from '../../filter/fields.ts';
import type { Filter } from '../../filter/filter.ts';
import type { EstateOrder, StoredHistory } from '../backend.ts';
import type { Database, SqlValue } from './database.ts';
import { filterToSql } from './filter-sql.ts';
import { firstPart } from './parts.ts';
import { packResources, type PackedResources } from './packed-resources.ts';
import { recordColumns, resourceRowFrom } from './record-rows.ts';
import { packVectors, type PackedVectors } from './vectors.ts';
import { bytesOf, numberOf, textOf, textOrNull } from './rows.ts';

const joins = 'JOIN digest d ON d.rid = r.rid JOIN body b ON b.rid = r.rid';

/** So many resources one step along relations finds at most. */
const maxNamed = 1000;

/** Reads resources: by key, page by page, counted. */
export class EstateReader {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  get(keys: readonly string[]): PackedResources {
    const statement = this.#db.statement(
      `SELECT ${recordColumns} FROM resource r ${joins} WHERE r.key = ?`,
    );
    const part = firstPart(keys.values(), (key) => {
      const row = statement.get(key);
      return row === undefined ? null : resourceRowFrom(row);
    });
    return packResources(part);
  }

  list(query: {
    filter: Filter | null;
    order: EstateOrder;
    after: { value: string | null; key: string } | null;
    limit: number;
  }): PackedResources {
    const condition = filterToSql(query.filter);
    const page = pageAfter(query.order, query.after);
    const order = orderOf(query.order);
    // The keys first: sorting rows with their bodies would carry all of them along.
    const sql = `
      WITH page AS MATERIALIZED (
        SELECT r.rid FROM resource r WHERE ${condition.sql} AND ${page.sql}
        ORDER BY ${order} LIMIT ?
      )
      SELECT ${recordColumns} FROM page CROSS JOIN resource r ON r.rid = page.rid ${joins}
      ORDER BY ${order}`;
    const rows = this.#db.statement(sql).iterate(...condition.values, ...page.values, query.limit);
    return packResources(firstPart(rows, resourceRowFrom));
  }

  vectors(keys: readonly string[]): PackedVectors {
    const statement = this.#db.statement(
      'SELECT v.v FROM resource r JOIN vector v ON v.rid = r.rid WHERE r.key = ?',
    );
    return packVectors(
      keys.map((key) => {
        const row = statement.get(key);
        return row === undefined ? null : bytesOf(row, 'v');
      }),
    );
  }

  history(key: string, limit: number): StoredHistory[] {
    return this.#db
      .statement(
        `SELECT h.at, h.scan_id, h.sealed FROM history h JOIN resource r ON r.rid = h.rid
         WHERE r.key = ? ORDER BY h.id DESC LIMIT ?`,
      )
      .all(key, limit)
      .map((row) => ({
        at: textOf(row, 'at'),
        scan_id: textOrNull(row, 'scan_id'),
        sealed: bytesOf(row, 'sealed'),
      }));
  }

  /** The keys of resources with one of these names. */
  named(names: readonly string[]): string[] {
    return this.#byNames(
      `SELECT rid FROM resource WHERE key IN wanted OR arn IN wanted OR bare_id IN wanted
       OR (bare_id IN (SELECT substr(name, instr(name, '/') + 1) FROM wanted) AND resource_id IN wanted)`,
      names,
    );
  }

  /** The keys of resources that refer to one of these names. */
  referringTo(names: readonly string[]): string[] {
    return this.#byNames('SELECT DISTINCT rid FROM relation WHERE target IN wanted', names);
  }

  #byNames(rids: string, names: readonly string[]): string[] {
    return this.#db
      .statement(
        `WITH wanted (name) AS MATERIALIZED (SELECT value FROM json_each(?)), hit AS MATERIALIZED (${rids} LIMIT ?)
         SELECT r.key FROM hit CROSS JOIN resource r ON r.rid = hit.rid ORDER BY r.key`,
      )
      .all(JSON.stringify(names), maxNamed)
      .map((row) => textOf(row, 'key'));
  }

  count(filter: Filter | null): number {
    const { sql, values } = filterToSql(filter);
    const row = this.#db
      .statement(`SELECT count(*) AS n FROM resource r WHERE ${sql}`)
      .get(...values);
    return numberOf(row ?? {}, 'n');
  }

  facets(query: {
    field: string;
    filter: Filter | null;
    limit: number;
  }): { value: string; count: number }[] {
    const { sql, values } = filterToSql(query.filter);
    const source = facetSource(query.field);
    return this.#db
      .statement(
        `SELECT ${source.value} AS value, count(*) AS n FROM ${source.from}
         WHERE ${source.where} AND ${sql} GROUP BY 1 ORDER BY n DESC, value LIMIT ?`,
      )
      .all(...source.values, ...values, query.limit)
      .map((row) => ({ value: textOf(row, 'value'), count: numberOf(row, 'n') }));
  }
}

/** By key an index gives the order, so that a page costs no more than its records; any other order is sorted for each page. */
function orderOf({ field, direction }: EstateOrder): string {
  const sorted = `r.${field} ${direction === 'asc' ? 'ASC' : 'DESC'}`;
  return field === 'key' ? sorted : `r.${field} IS NULL, ${sorted}, r.key`;
}

function pageAfter(
  { field, direction }: EstateOrder,
  after: { value: string | null; key: string } | null,
): { sql: string; values: SqlValue[] } {
  if (after === null) return { sql: 'TRUE', values: [] };
  const { value, key } = after;
  const beyond = direction === 'asc' ? '>' : '<';
  if (field === 'key') return { sql: `r.key ${beyond} ?`, values: [key] };
  if (value === null) return { sql: `(r.${field} IS NULL AND r.key > ?)`, values: [key] };
  return {
    sql: `(r.${field} ${beyond} ? OR (r.${field} = ? AND r.key > ?) OR r.${field} IS NULL)`,
    values: [value, value, key],
  };
}

function facetSource(name: string): {
  from: string;
  value: string;
  where: string;
  values: SqlValue[];
} {
  const field = fieldOf(name);
  switch (field?.kind) {
    case 'tag':
      return {
        from: 'tag t JOIN resource_tag rt ON rt.tag = t.id JOIN resource r ON r.rid = rt.rid',
        value: 't.value',
        where: 't.name = ?',
        values: [field.tag],
      };
    case 'actions':
      return {
        from: 'resource r JOIN action_member a ON a.action_set = r.action_set',
        value: 'a.action',
        where: 'TRUE',
        values: [],
      };
    case 'keyword':
    case 'time':
      return {
        from: 'resource r',
        value: `r.${field.name}`,
        where: `r.${field.name} IS NOT NULL`,
        values: [],
      };
    default:
      return { from: 'resource r', value: 'NULL', where: 'FALSE', values: [] };
  }
}
