import type { BackendStats } from '../backend.ts';
import type { Database } from './database.ts';
import { changedRecords } from './record-check.ts';
import { numberOf, textOf } from './rows.ts';

/** So many problems are listed; a damaged file has thousands. */
const maxProblems = 100;

/** Looks after the file: whether it is sound, and how much room it takes. */
export class Maintenance {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** What is wrong with the file: pages, indexes, word indexes, rows without their counterpart. */
  check(): string[] {
    const problems = this.#db
      .statement(`PRAGMA integrity_check(${maxProblems})`)
      .all()
      .map((row) => textOf(row, 'integrity_check'))
      .filter((line) => line !== 'ok');
    if (problems.length > 0) return problems;
    for (const table of ['digest', 'body']) {
      const missing = this.#count(
        `SELECT count(*) AS n FROM resource r LEFT JOIN ${table} t ON t.rid = r.rid WHERE t.rid IS NULL`,
      );
      if (missing > 0) problems.push(`${missing} resources have no row in ${table}`);
    }
    for (const table of ['digest', 'body', 'vector', 'history', 'relation', 'resource_tag']) {
      const orphans = this.#count(
        `SELECT count(*) AS n FROM ${table} t LEFT JOIN resource r ON r.rid = t.rid WHERE r.rid IS NULL`,
      );
      if (orphans > 0) problems.push(`${orphans} rows in ${table} belong to no resource`);
    }
    const miscounted = this.#count(
      `SELECT count(*) AS n FROM conversation c WHERE messages <> (SELECT count(*) FROM message m WHERE m.conversation = c.rid)`,
    );
    if (miscounted > 0)
      problems.push(`${miscounted} conversations have a wrong number of messages`);
    return [...problems, ...changedRecords(this.#db, maxProblems)];
  }

  /** Checks the word indexes; a write by nature, since that is how FTS5 is asked. */
  checkWords(): string[] {
    return (['words', 'identifiers'] as const).flatMap((table) => {
      try {
        this.#db.statement(`INSERT INTO ${table} (${table}) VALUES ('integrity-check')`).run();
        return [];
      } catch (error) {
        return [`${table}: ${error instanceof Error ? error.message : String(error)}`];
      }
    });
  }

  /** Removes what nothing refers to any more; runs in a transaction. */
  tidy(): void {
    this.#db.statement('DELETE FROM tag WHERE id NOT IN (SELECT tag FROM resource_tag)').run();
    const unused = 'NOT IN (SELECT action_set FROM resource WHERE action_set IS NOT NULL)';
    this.#db.statement(`DELETE FROM action_member WHERE action_set ${unused}`).run();
    this.#db.statement(`DELETE FROM action_set WHERE id ${unused}`).run();
    for (const table of ['words', 'identifiers']) {
      this.#db.statement(`INSERT INTO ${table} (${table}) VALUES ('optimize')`).run();
    }
  }

  /** Writes the file anew without the room of removed rows; outside of a transaction. */
  vacuum(): void {
    this.#db.statement('VACUUM').run();
    this.#db.statement('PRAGMA wal_checkpoint(TRUNCATE)').all();
  }

  /** The size of the file without its log. */
  fileBytes(): number {
    return this.#count(
      'SELECT page_count * page_size AS n FROM pragma_page_count, pragma_page_size',
    );
  }

  stats(): BackendStats {
    return {
      messages: this.#count('SELECT count(*) AS n FROM message'),
      conversations: this.#count('SELECT count(*) AS n FROM conversation'),
      resources: this.#count('SELECT count(*) AS n FROM resource WHERE missing_since IS NULL'),
      tombstones: this.#count('SELECT count(*) AS n FROM resource WHERE missing_since IS NOT NULL'),
      vectors: this.#count('SELECT count(*) AS n FROM resource WHERE code IS NOT NULL'),
      history_entries: this.#count('SELECT count(*) AS n FROM history'),
      bytes: this.fileBytes(),
      free_bytes: this.#count(
        'SELECT freelist_count * page_size AS n FROM pragma_freelist_count, pragma_page_size',
      ),
    };
  }

  #count(sql: string): number {
    return numberOf(this.#db.statement(sql).get() ?? {}, 'n');
  }
}
