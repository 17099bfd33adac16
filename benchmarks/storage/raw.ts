import { DatabaseSync } from 'node:sqlite';
import { getLoadablePath } from 'sqlite-vec';

/** The raw primitive: node:sqlite in this thread, without a port, encryption or change detection. */
export function openRaw(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { allowExtension: true, timeout: 5000 });
  db.loadExtension(getLoadablePath());
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 1073741824');
  return db;
}

/** The bytes of a vector as SQLite takes them. */
export function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}
