import type { Filter } from '../../filter/filter.ts';
import {
  isSearchablePart,
  keywordQuery,
  scoreKeywords,
  type KeywordQuery,
} from '../../keyword-query.ts';
import { byScore } from '../../ranking.ts';
import type { ClearRecord, RankedKey, RankedWords } from '../backend.ts';
import type { Database, SqlValue } from './database.ts';
import { filterToSql, type SqlCondition } from './filter-sql.ts';
import { recordColumns, recordFrom } from './record-rows.ts';
import { numberOf, textOf } from './rows.ts';
import { cosineFromDistance, unitBytes } from './vectors.ts';

/** Up to so many candidates, every vector is compared exactly. */
const exactCandidates = 10_000;
/** Above that, so many are chosen by their 48-byte codes first: recall@20 of 0.998 at 100k. */
const codeCandidates = 1000;
/** So many matches by words are scored. */
const wordCandidates = 60;
/** Words in more records than this, taken together, are looked for alone only when pairs of them find too little. */
const commonWords = 1000;

/** Ranks resources by vector and by words. */
export class EstateSearch {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  nearest(query: { vector: Float32Array; filter: Filter | null; limit: number }): RankedKey[] {
    const condition = filterToSql(query.filter);
    const vector = unitBytes(query.vector);
    const isZero = query.vector.every((value) => value === 0);
    const isExact = this.#isWithinExact(condition);
    const chosen = isExact
      ? `SELECT r.rid FROM resource r WHERE r.code IS NOT NULL AND ${condition.sql}`
      : `SELECT r.rid FROM resource r WHERE r.code IS NOT NULL AND ${condition.sql}
           ORDER BY vec_distance_hamming(vec_bit(r.code), vec_quantize_binary(?)) LIMIT ${Math.max(codeCandidates, query.limit)}`;
    const values: SqlValue[] = [...condition.values];
    if (!isExact) values.push(vector);
    // A few more than asked for, so that ties at the end are ordered by key.
    const sql = `
      WITH chosen AS MATERIALIZED (${chosen}),
      best AS MATERIALIZED (
        SELECT v.rid, vec_distance_l2(v.v, ?) AS distance FROM chosen CROSS JOIN vector v ON v.rid = chosen.rid
        ORDER BY distance LIMIT ?
      )
      SELECT r.key, best.distance, vec_distance_cosine(v.v, ?) AS angle
      FROM best CROSS JOIN resource r ON r.rid = best.rid CROSS JOIN vector v ON v.rid = best.rid`;
    return this.#db
      .statement(sql)
      .all(...values, vector, query.limit + 16, vector)
      .map((row) => ({
        key: textOf(row, 'key'),
        // The angle to a zero vector is NULL.
        score: isZero || row['angle'] === null ? 0 : cosineFromDistance(numberOf(row, 'distance')),
      }))
      .sort(byScore)
      .slice(0, query.limit);
  }

  #isWithinExact(condition: SqlCondition): boolean {
    const largest = this.#db.statement('SELECT ifnull(max(rid), 0) AS n FROM resource').get();
    if (numberOf(largest ?? {}, 'n') <= exactCandidates) return true;
    const candidates = this.#db
      .statement(
        `SELECT count(*) AS n FROM (SELECT 1 FROM resource r WHERE r.code IS NOT NULL AND ${condition.sql} LIMIT ?)`,
      )
      .get(...condition.values, exactCandidates + 1);
    return numberOf(candidates ?? {}, 'n') <= exactCandidates;
  }

  keywords(query: { text: string; filter: Filter | null; limit: number }): RankedWords[] {
    const terms = keywordQuery(query.text);
    const condition = filterToSql(query.filter);
    const counts = this.#wordCounts(terms.words);
    const found = new Map<number, ClearRecord>();
    const limit = Math.max(wordCandidates, query.limit);
    const total = numberOf(this.#db.statement('SELECT count(*) AS n FROM digest').get() ?? {}, 'n');
    for (const match of wordMatches(terms.words, counts, total)) {
      if (found.size >= (match.isLastResort ? 1 : limit)) break;
      this.#collect('words', match.expression, condition, limit, found);
    }
    for (const identifier of terms.identifiers) {
      this.#collect('identifiers', quoted(identifier), condition, limit, found);
    }
    for (const arn of terms.arns) this.#collectArns(arn, condition, limit, found);
    if (found.size === 0) this.#collectParts(terms, condition, limit, found);
    return scoreKeywords(terms, [...found.values()], { total, counts }).slice(0, query.limit);
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
      `SELECT f.rowid AS rid FROM ${table} f CROSS JOIN resource r ON r.rid = f.rowid
       WHERE ${table} MATCH ? AND ${condition.sql} ORDER BY bm25(${table}), f.rowid LIMIT ?`,
      [match, ...condition.values, limit],
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
    const parts = terms.words.filter(isSearchablePart);
    if (parts.length === 0) return;
    terms.identifiers = [...new Set([...terms.identifiers, ...parts])];
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

/** Every term in quotes: FTS5 has operators in its language, and users have dashes in their names. */
function quoted(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}

interface WordMatch {
  expression: string;
  /** Only when nothing else was found. */
  isLastResort: boolean;
}

/**
 * The expressions to try in turn until there are enough matches. Words in few records come first: they tell most. Common words
 * are looked for together, then in pairs, and alone only at last: ranking half the estate takes its time.
 */
function wordMatches(
  words: readonly string[],
  counts: ReadonlyMap<string, number>,
  total: number,
): WordMatch[] {
  const countOf = (word: string) => counts.get(word) ?? 0;
  const known = words.filter((word) => countOf(word) > 0).sort((a, b) => countOf(a) - countOf(b));
  if (known.length === 0) return [];
  let budget = commonWords;
  const rare = known.filter((word) => {
    budget -= countOf(word);
    return budget >= 0;
  });
  const telling = known.filter((word) => countOf(word) <= Math.max(commonWords, total / 5));
  const all = known.map(quoted).join(' AND ');
  const expressions =
    rare.length === known.length
      ? [either(known)]
      : [either(rare), all, known.length > 2 ? pairs(known) : '', either(telling)];
  return [
    ...expressions.map((expression) => ({ expression, isLastResort: false })),
    { expression: either(known), isLastResort: true },
  ].filter((match) => match.expression !== '');
}

function either(words: readonly string[]): string {
  return words.map(quoted).join(' OR ');
}

/** Pairs with one of the rarest three. */
function pairs(words: readonly string[]): string {
  return words
    .slice(0, 3)
    .flatMap((word, index) =>
      words.slice(index + 1).map((other) => `(${quoted(word)} AND ${quoted(other)})`),
    )
    .join(' OR ');
}
