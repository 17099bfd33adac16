import { createHash } from 'node:crypto';
import type { Database } from './database.ts';
import { numberOf } from './rows.ts';

/**
 * The numbers of tags and of sets of actions: few distinct ones occur again and again. They are remembered within a transaction only;
 * after it another process may remove those that nothing has, and what a rollback undid was never there.
 */
export class Interned {
  readonly #db: Database;
  readonly #tags = new Map<string, number>();
  readonly #actionSets = new Map<string, number>();
  #generation = -1;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The number of a tag. */
  tag(name: string, value: string): number {
    return this.#remembered(this.#tags, JSON.stringify([name, value]), () => {
      const found = this.#db
        .statement('SELECT id FROM tag WHERE name = ? AND value = ?')
        .get(name, value);
      if (found !== undefined) return numberOf(found, 'id');
      const { lastInsertRowid } = this.#db
        .statement('INSERT INTO tag (name, value) VALUES (?, ?)')
        .run(name, value);
      return Number(lastInsertRowid);
    });
  }

  /** The number of a set of actions; null for none, which no condition meets. */
  actionSet(allowed: readonly string[] | undefined): number | null {
    if (allowed === undefined || allowed.length === 0) return null;
    return this.#remembered(this.#actionSets, JSON.stringify(allowed), () => {
      const actions = [...new Set(allowed)].sort();
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
    });
  }

  #remembered(numbers: Map<string, number>, name: string, look: () => number): number {
    if (this.#generation !== this.#db.generation) {
      this.#tags.clear();
      this.#actionSets.clear();
      this.#generation = this.#db.generation;
    }
    const known = numbers.get(name);
    if (known !== undefined) return known;
    const number = look();
    numbers.set(name, number);
    return number;
  }
}
