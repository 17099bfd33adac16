import type { Database } from './database.ts';

/** The small named texts of the store. */
export class DocumentTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  read(name: string): string | null {
    const text = this.#db.statement('SELECT text FROM document WHERE name = ?').get(name)?.['text'];
    return typeof text === 'string' ? text : null;
  }

  replace(name: string, expected: string | null, text: string): boolean {
    if (this.read(name) !== expected) return false;
    this.#db
      .statement(
        'INSERT INTO document (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text',
      )
      .run(name, text);
    return true;
  }

  holdsData(): boolean {
    const row = this.#db
      .statement(
        'SELECT EXISTS (SELECT 1 FROM message) OR EXISTS (SELECT 1 FROM resource) AS holds',
      )
      .get();
    return row?.['holds'] === 1;
  }
}
