import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { Database } from '../../src/backends/embedded/database.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();

/** Reads again and again, 20 ms at a time. */
const reading = `
  const { DatabaseSync } = require('node:sqlite');
  const { parentPort, workerData } = require('node:worker_threads');
  const db = new DatabaseSync(workerData, { readOnly: true, timeout: 5000 });
  parentPort.postMessage('ready');
  for (;;) {
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM document').get();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    db.exec('COMMIT');
  }
`;

/** Writes 120 MB, 1 MB each time; returns how long the log was at most. */
function longestLog(db: Database, path: string): number {
  let longest = 0;
  for (let number = 0; number < 120; number += 1) {
    db.transaction(
      () =>
        db
          .statement('INSERT INTO document (name, text) VALUES (?, ?)')
          .run(`${number}`, 'x'.repeat(1_000_000)),
      false,
    );
    longest = Math.max(longest, statSync(`${path}-wal`).size);
  }
  return longest;
}

it('keeps the log short where others read without a pause', async () => {
  const path = join(folder, 'read.db');
  const db = Database.open(path, 30_000);
  const readers = [1, 2, 3].map(() => new Worker(reading, { eval: true, workerData: path }));
  await Promise.all(
    readers.map((reader) => new Promise((resolve) => reader.once('message', resolve))),
  );
  expect(longestLog(db, path)).toBeLessThan(85_000_000);
  await Promise.all(readers.map((reader) => reader.terminate()));
  db.close();
});

it('does not wait long for another program that reads on and on', () => {
  const path = join(folder, 'held.db');
  const db = Database.open(path, 30_000);
  const other = Database.openToRead(path);
  const start = performance.now();
  const longest = other.snapshot(() => {
    other.statement('SELECT count(*) FROM document').get();
    return longestLog(db, path);
  });
  // It waited once, for half a second, and then let the log grow to twice its size first.
  expect(performance.now() - start).toBeLessThan(30_000);
  expect(longest).toBeGreaterThan(110_000_000);
  other.close();
  db.close();
});
