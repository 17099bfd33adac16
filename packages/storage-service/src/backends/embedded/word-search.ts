import type { Filter } from '../../filter/filter.ts';
import { gramsOf, isSearchablePart, keywordQuery, type KeywordQuery } from '../../keyword-query.ts';
import { planWords, type WordAttempt } from '../../keyword-plan.ts';
import { isNamed, scoreKeywords, type WordCounts } from '../../keyword-score.ts';
import { respelled } from '../../spelling.ts';
import { formsOf } from '../../word-forms.ts';
import type { ClearRecord, RankedWords } from '../backend.ts';
import type { Database, SqlValue } from './database.ts';
import { filterToSql, type SqlCondition } from './filter-sql.ts';
import { recordColumns, recordFrom } from './record-rows.ts';
import { numberOf } from './rows.ts';

/** So many matches by words are scored. */
const wordCandidates = 60;
/** So many matches are ranked to find those: more than this have little to tell them apart. */
const rankedMatches = 10_000;
/** Where no more records than this meet the filter, all of them are scored: no index is quicker. */
const scoredWhole = 200;

/** Ranks resources by words. */
export class WordSearch {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  keywords(query: { text: string; filter: Filter | null; limit: number }): RankedWords[] {
    const condition = filterToSql(query.filter);
    const ranked = this.#rankWords(query, condition);
    if (ranked.length > 0) return ranked;
    const text = this.#respelled(query.text, condition);
    return text === null ? [] : this.#rankWords({ ...query, text }, condition);
  }

  #rankWords(query: { text: string; limit: number }, condition: SqlCondition): RankedWords[] {
    const terms = keywordQuery(query.text);
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
    this.#collectReferring(terms.identifiers, condition, limit, found);
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
        const count = (form: string): number => {
          const row = statement.get(form);
          return row === undefined ? 0 : numberOf(row, 'doc');
        };
        return [word, formsOf(word).reduce((sum, form) => sum + count(form), 0)];
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

  /** What refers to an identifier, or to what is called so: machines in a subnet, what has an address. */
  #collectReferring(
    identifiers: readonly string[],
    condition: SqlCondition,
    limit: number,
    found: Map<number, ClearRecord>,
  ): void {
    if (identifiers.length === 0) return;
    const named = [...found.values()].filter((record) =>
      identifiers.some((identifier) => isNamed(record, identifier)),
    );
    const targets = [...identifiers, ...named.map(({ key }) => key)];
    this.#read(
      `SELECT DISTINCT e.rid FROM relation e CROSS JOIN resource r ON r.rid = e.rid
       WHERE e.target IN (SELECT value FROM json_each(?)) AND ${condition.sql} LIMIT ?`,
      [JSON.stringify(targets), ...condition.values, limit],
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

  /** The text as the names with most runs of three characters in common spell it; null where none does. */
  #respelled(text: string, condition: SqlCondition): string | null {
    const { words } = keywordQuery(text);
    const grams = words.flatMap((word) => gramsOf(word));
    if (grams.length === 0) return null;
    const likely = new Map<number, ClearRecord>();
    this.#collect('identifiers', grams.map(quoted).join(' OR '), condition, wordCandidates, likely);
    return respelled(text, words, [...likely.values()].map(spellings));
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

/** How a record spells its words. */
function spellings({ name, text }: ClearRecord): string {
  return `${name ?? ''} ${text}`;
}

/** Every term in quotes: FTS5 has operators in its language, and users have dashes in their names. */
function quoted(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}

/** An attempt in the language of FTS5. */
function matchExpression({ anyOf }: WordAttempt): string {
  const anyForm = (word: string): string => `(${formsOf(word).map(quoted).join(' OR ')})`;
  return anyOf.map((words) => `(${words.map(anyForm).join(' AND ')})`).join(' OR ');
}
