import type { Filter } from '../../filter/filter.ts';
import {
  isSearchablePart,
  keywordQuery,
  scoreKeywords,
  type KeywordQuery,
  type WordCounts,
} from '../../keyword-query.ts';
import { planWords, type WordAttempt } from '../../keyword-plan.ts';
import { byScore } from '../../ranking.ts';
import type { ClearRecord, RankedKey, RankedWords } from '../backend.ts';
import type { Database, SqlValue } from './database.ts';
import { filterToSql, type SqlCondition } from './filter-sql.ts';
import { recordColumns, recordFrom } from './record-rows.ts';
import { numberOf, textOf, type Row } from './rows.ts';
import { cosineFromDistance, unitBytes } from './vectors.ts';

/** Up to so many candidates, every vector is compared exactly. */
const exactCandidates = 10_000;
/** Above that, so many are chosen by their 48-byte codes first; `pnpm bench storage` measures how many of the best are among them. */
const codeCandidates = 3000;
/** So many matches by words are scored. */
const wordCandidates = 60;
/** So many matches are ranked to find those: more than this have little to tell them apart. */
const rankedMatches = 10_000;
/** Where no more records than this meet the filter, all of them are scored: no index is quicker. */
const scoredWhole = 200;

/** Ranks resources by vector and by words. */
export class EstateSearch {
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

  keywords(query: { text: string; filter: Filter | null; limit: number }): RankedWords[] {
    const terms = keywordQuery(query.text);
    const condition = filterToSql(query.filter);
    const counts = this.#wordCounts(terms.words);
    const found = new Map<number, ClearRecord>();
    const limit = Math.max(wordCandidates, query.limit);
    const total = numberOf(this.#db.statement('SELECT count(*) AS n FROM digest').get() ?? {}, 'n');
    if (this.#areFew(condition)) {
      this.#read(`SELECT r.rid FROM resource r WHERE ${condition.sql}`, condition.values, found);
      return scoreAll(terms, [...found.values()], { total, counts }).slice(0, query.limit);
    }
    for (const attempt of planWords(terms.words, counts, total)) {
      if (found.size >= attempt.enough) break;
      this.#collect('words', matchExpression(attempt), condition, limit, found);
    }
    for (const identifier of terms.identifiers) {
      this.#collect('identifiers', quoted(identifier), condition, limit, found);
    }
    for (const arn of terms.arns) this.#collectArns(arn, condition, limit, found);
    if (found.size === 0) this.#collectParts(terms, condition, limit, found);
    return scoreKeywords(terms, [...found.values()], { total, counts }).slice(0, query.limit);
  }

  #areFew(condition: SqlCondition): boolean {
    const row = this.#db
      .statement(
        `SELECT count(*) AS n FROM (SELECT 1 FROM resource r WHERE ${condition.sql} LIMIT ?)`,
      )
      .get(...condition.values, scoredWhole + 1);
    return numberOf(row ?? {}, 'n') <= scoredWhole;
  }

  #wordCounts(words: readonly string[]): Map<string, number> {
    const statement = this.#db.statement('SELECT doc FROM word_count WHERE term = ?');
    return new Map(
      words.map((word) => {
        const row = statement.get(word);
        return [word, row === undefined ? 0 : numberOf(row, 'doc')];
      }),
    );
  }

  #collect(
    table: 'words' | 'identifiers',
    match: string,
    condition: SqlCondition,
    limit: number,
    found: Map<number, ClearRecord>,
  ): void {
    // CROSS JOIN: the index first, then the filter. `rowid IN (SELECT …)` takes seconds.
    this.#read(
      `SELECT rid FROM (
         SELECT f.rowid AS rid, bm25(${table}) AS rank FROM ${table} f CROSS JOIN resource r ON r.rid = f.rowid
         WHERE ${table} MATCH ? AND ${condition.sql} LIMIT ?
       ) ORDER BY rank, rid LIMIT ?`,
      [match, ...condition.values, rankedMatches, limit],
      found,
    );
  }

  #collectArns(
    prefix: string,
    condition: SqlCondition,
    limit: number,
    found: Map<number, ClearRecord>,
  ): void {
    const arns = filterToSql({ prefix: { field: 'arn', value: prefix } });
    this.#read(
      `SELECT r.rid FROM resource r WHERE ${arns.sql} AND ${condition.sql} ORDER BY r.arn, r.key LIMIT ?`,
      [...arns.values, ...condition.values, limit],
      found,
    );
  }

  /** No word was found whole: look for the words as parts of names. */
  #collectParts(
    terms: KeywordQuery,
    condition: SqlCondition,
    limit: number,
    found: Map<number, ClearRecord>,
  ): void {
    const parts = searchByParts(terms);
    if (parts.length === 0) return;
    this.#collect('identifiers', parts.map(quoted).join(' OR '), condition, limit, found);
  }

  #read(sql: string, values: readonly SqlValue[], found: Map<number, ClearRecord>): void {
    const rows = this.#db
      .statement(
        `WITH hit AS MATERIALIZED (${sql})
         SELECT r.rid, ${recordColumns} FROM hit CROSS JOIN resource r ON r.rid = hit.rid
         JOIN digest d ON d.rid = r.rid JOIN body b ON b.rid = r.rid`,
      )
      .all(...values);
    for (const row of rows) {
      const rid = numberOf(row, 'rid');
      if (!found.has(rid)) found.set(rid, recordFrom(row));
    }
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

/** Looks for the words as parts of identifiers, too; returns them. */
function searchByParts(terms: KeywordQuery): string[] {
  const parts = terms.words.filter(isSearchablePart);
  terms.identifiers = [...new Set([...terms.identifiers, ...parts])];
  return parts;
}

/** What an index would find first, and no less. */
function scoreAll(terms: KeywordQuery, records: readonly ClearRecord[], counts: WordCounts) {
  const scored = scoreKeywords(terms, records, counts);
  if (scored.length > 0) return scored;
  searchByParts(terms);
  return scoreKeywords(terms, records, counts);
}

/** Every term in quotes: FTS5 has operators in its language, and users have dashes in their names. */
function quoted(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}

/** An attempt in the language of FTS5. */
function matchExpression({ anyOf }: WordAttempt): string {
  return anyOf.map((words) => `(${words.map(quoted).join(' AND ')})`).join(' OR ');
}
