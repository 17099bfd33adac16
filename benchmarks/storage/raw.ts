import { DatabaseSync } from 'node:sqlite';
import type { EstateUpsertItem } from 'cloudops-storage-service';
import { getLoadablePath } from 'sqlite-vec';

/** The raw primitive: node:sqlite in this thread, without a port, encryption or change detection. */
export function openRaw(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { allowExtension: true, timeout: 5000 });
  db.loadExtension(getLoadablePath());
  // The same pages, the same sync: what differs is what is beside the statements.
  db.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY`);
  return db;
}

/** The bytes of a vector as SQLite takes them. */
export function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** An estate in one table and one word index. */
export class RawEstate {
  readonly #db: DatabaseSync;
  readonly #insert;
  readonly #index;
  readonly #nearest;
  readonly #words;

  constructor(path: string) {
    this.#db = openRaw(path);
    this.#db.exec(`PRAGMA synchronous = NORMAL;
      CREATE TABLE resource (rid INTEGER PRIMARY KEY, key TEXT UNIQUE, type TEXT, body TEXT);
      CREATE TABLE vector (rid INTEGER PRIMARY KEY, v BLOB);
      CREATE VIRTUAL TABLE words USING fts5 (text, content = '')`);
    this.#insert = this.#db.prepare('INSERT INTO resource (key, type, body) VALUES (?, ?, ?)');
    const vector = this.#db.prepare('INSERT INTO vector VALUES (?, ?)');
    const words = this.#db.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
    this.#index = (rid: number | bigint, v: Uint8Array, text: string) => {
      vector.run(rid, v);
      words.run(rid, text);
    };
    this.#nearest = this.#db.prepare(
      `SELECT key FROM (SELECT rid FROM vector ORDER BY vec_distance_cosine(v, ?) LIMIT 20) JOIN resource USING (rid)`,
    );
    this.#words = this.#db.prepare(
      `SELECT key FROM (SELECT rowid AS rid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 20) JOIN resource USING (rid)`,
    );
  }

  /** A row, its vector and its words, all in one transaction. */
  insert(items: readonly EstateUpsertItem[]): void {
    this.#db.exec('BEGIN');
    for (const { record, vector } of items) {
      const { lastInsertRowid } = this.#insert.run(
        record.key,
        record.resource_type,
        JSON.stringify(record),
      );
      this.#index(
        lastInsertRowid,
        bytesOf(Float32Array.from(vector ?? [])),
        `${record.name} ${record.text}`,
      );
    }
    this.#db.exec('COMMIT');
  }

  /** The 20 nearest keys, each vector compared. */
  nearest(vector: Float32Array): string[] {
    return this.#nearest.all(bytesOf(vector)).map((row) => String(row['key']));
  }

  /** Both rankings, not fused. */
  hybrid(vector: Float32Array, text: string): string[] {
    const match = text
      .split(' ')
      .map((word) => `"${word}"`)
      .join(' OR ');
    return [...this.nearest(vector), ...this.#words.all(match).map((row) => String(row['key']))];
  }

  close(): void {
    this.#db.close();
  }
}
