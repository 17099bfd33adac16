import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { EstateUpsertItem } from 'cloudops-storage-service';

/** The peer: PGlite with pgvector, which is also embedded in Node and keeps rows, words and vectors in one place. */
export class Peer {
  readonly #db: PGlite;

  private constructor(db: PGlite) {
    this.#db = db;
  }

  static async open(path: string): Promise<Peer> {
    const db = await PGlite.create(path, { extensions: { vector } });
    await db.exec(`CREATE EXTENSION vector;
      CREATE TABLE resource (key text PRIMARY KEY, type text, body jsonb, words tsvector, v vector(384));
      CREATE INDEX ON resource USING gin (words); CREATE INDEX ON resource (type)`);
    return new Peer(db);
  }

  async insert(items: readonly EstateUpsertItem[]): Promise<void> {
    for (let start = 0; start < items.length; start += 250) {
      const rows = items.slice(start, start + 250).map(({ record, vector: values }) => ({
        record,
        v: `[${Float32Array.from(values ?? []).join()}]`,
      }));
      await this.#db.query(
        `INSERT INTO resource SELECT x->'record'->>'key', x->'record'->>'resource_type', x->'record',
           to_tsvector('simple', (x->'record'->>'name') || ' ' || (x->'record'->>'text')), (x->>'v')::vector
         FROM jsonb_array_elements($1::jsonb) x`,
        [JSON.stringify(rows)],
      );
    }
  }

  /** Both rankings, not fused, the vectors compared exactly. */
  async hybrid(values: Float32Array, text: string): Promise<void> {
    await this.#db.query('SELECT key, body FROM resource ORDER BY v <=> $1 LIMIT 20', [
      `[${values.join()}]`,
    ]);
    await this.#db.query(
      `SELECT key, body FROM resource, to_tsquery('simple', $1) q WHERE words @@ q ORDER BY ts_rank(words, q) DESC LIMIT 20`,
      [text.split(' ').join(' | ')],
    );
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}
