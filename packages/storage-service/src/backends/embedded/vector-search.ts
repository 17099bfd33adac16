import type { Filter } from '../../filter/filter.ts';
import { byScore } from '../../ranking.ts';
import type { RankedKey } from '../backend.ts';
import type { Database } from './database.ts';
import { filterToSql, type SqlCondition } from './filter-sql.ts';
import { numberOf, textOf, type Row } from './rows.ts';
import { cosineFromDistance, unitBytes } from './vectors.ts';

/** Up to so many candidates, every vector is compared exactly. */
const exactCandidates = 10_000;
/** Above that, so many are chosen by their 48-byte codes first; `pnpm bench storage` measures how many of the best are among them. */
const codeCandidates = 3000;

/** Ranks resources by vector. */
export class VectorSearch {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  nearest(query: { vector: Float32Array; filter: Filter | null; limit: number }): RankedKey[] {
    const condition = filterToSql(query.filter);
    const vector = unitBytes(query.vector);
    // A few more than asked for, so that ties at the end are ordered by key.
    const limit = query.limit + 16;
    const rows =
      this.#nearestOfAll(condition, vector, limit) ?? this.#nearestByCode(condition, vector, limit);
    const isZero = query.vector.every((value) => value === 0);
    return rows
      .map((row) => ({
        key: textOf(row, 'key'),
        // The angle to a zero vector is NULL.
        score: isZero || row['angle'] === null ? 0 : cosineFromDistance(numberOf(row, 'distance')),
      }))
      .sort(byScore)
      .slice(0, query.limit);
  }

  /** Compares every vector of what meets the condition; null where those are too many. */
  #nearestOfAll(condition: SqlCondition, vector: Uint8Array, limit: number): Row[] | null {
    if (this.#largestNumber() <= exactCandidates) {
      // Without CROSS: an index of the filter comes first where there is one, the vectors in their order otherwise.
      return this.#db
        .statement(best(`vector v JOIN resource r ON r.rid = v.rid WHERE ${condition.sql}`))
        .all(vector, ...condition.values, limit, vector);
    }
    const chosen = `
      chosen AS MATERIALIZED (SELECT r.rid FROM resource r WHERE r.code IS NOT NULL AND ${condition.sql} LIMIT ?),
      total AS MATERIALIZED (SELECT count(*) AS n FROM chosen)`;
    const [first, ...rows] = this.#db
      .statement(
        `${best('total CROSS JOIN chosen CROSS JOIN vector v ON v.rid = chosen.rid WHERE total.n <= ?', chosen)}
         UNION ALL SELECT NULL, n, NULL FROM total ORDER BY 1`,
      )
      .all(...condition.values, exactCandidates + 1, vector, exactCandidates, limit, vector);
    return numberOf(first ?? {}, 'distance') > exactCandidates ? null : rows;
  }

  /** Compares the vectors whose codes are nearest to that of the query. */
  #nearestByCode(condition: SqlCondition, vector: Uint8Array, limit: number): Row[] {
    const chosen = `SELECT r.rid FROM resource r WHERE r.code IS NOT NULL AND ${condition.sql}
      ORDER BY vec_distance_hamming(vec_bit(r.code), vec_quantize_binary(?)) LIMIT ?`;
    return this.#db
      .statement(best(`(${chosen}) c CROSS JOIN vector v ON v.rid = c.rid`))
      .all(vector, ...condition.values, vector, Math.max(codeCandidates, limit), limit, vector);
  }

  #largestNumber(): number {
    const row = this.#db.statement('SELECT ifnull(max(rid), 0) AS n FROM resource').get();
    return numberOf(row ?? {}, 'n');
  }
}

/** The nearest of a source that has vectors `v`, with values for: the tables before, the query, the source, the limit, the query. */
function best(source: string, before?: string): string {
  return `
    WITH ${before === undefined ? '' : `${before},`}
    best AS MATERIALIZED (
      SELECT v.rid, vec_distance_l2(v.v, ?) AS distance FROM ${source} ORDER BY distance LIMIT ?
    )
    SELECT r.key, best.distance, vec_distance_cosine(v.v, ?) AS angle
    FROM best CROSS JOIN resource r ON r.rid = best.rid CROSS JOIN vector v ON v.rid = best.rid`;
}
