import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { getLoadablePath } from 'sqlite-vec';
import { StorageError } from '../../errors.ts';
import { FileIdentity } from './file-identity.ts';
import { migrate } from './migrate.ts';
import { isBusy, toStorageError } from './sqlite-errors.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** `PRAGMA application_id` of our files: "CLOP". */
const applicationId = 0x434c4f50;

/** How long SQLite itself waits for a lock before we look at the clock. */
const lockWaitMs = 5000;

const readingPragmas = `
  PRAGMA temp_store = MEMORY;
  PRAGMA mmap_size = 1073741824;
  PRAGMA cache_size = -65536;
`;

/**
 * A log that grows makes each sync write the file's size too (up to a third of its time), so it starts over after 1,000 pages; where there
 * is no sync, a longer log spares the copying of pages that change again and again.
 */
const syncedMode = 'PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000';
const unsyncedMode = 'PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000';

export type SqlValue = string | number | bigint | null | Uint8Array;

/** One open file, its statements and its transactions. Calls are synchronous: it lives in the worker. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #busyTimeoutMs: number;
  readonly #log: WriteAheadLog;
  #file: FileIdentity | null = null;
  #isSynced = true;
  #generation = 0;

  private constructor(db: DatabaseSync, busyTimeoutMs: number) {
    this.#db = db;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#log = new WriteAheadLog(db, lockWaitMs);
  }

  /**
   * Opens a file, makes it if it is absent, and brings its schema up to date.
   *
   * @param steps the steps of the schema; those of this release unless a test has others
   * @throws StorageError `STORE_UNAVAILABLE`, `STORE_TOO_NEW`, `STORE_CORRUPT`, `STORE_BUSY`
   */
  static open(path: string, busyTimeoutMs: number, steps?: readonly string[]): Database {
    return Database.#opened(path, 'write', (db) => {
      const database = new Database(db, busyTimeoutMs);
      database.#prepareFile(path, steps);
      database.#file = new FileIdentity(path);
      return database;
    });
  }

  /**
   * Opens a file that `open` has opened elsewhere, beside it.
   *
   * @throws StorageError `STORE_UNAVAILABLE`, `STORE_CORRUPT`, `STORE_BUSY`
   */
  static openToRead(path: string): Database {
    return Database.#opened(path, 'read', (db) => {
      db.exec(readingPragmas);
      return new Database(db, lockWaitMs);
    });
  }

  static #opened(
    path: string,
    access: 'write' | 'read',
    prepare: (db: DatabaseSync) => Database,
  ): Database {
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, {
        readOnly: access === 'read',
        allowExtension: true,
        timeout: lockWaitMs,
      });
      db.loadExtension(getLoadablePath());
      db.enableLoadExtension(false);
      return prepare(db);
    } catch (cause) {
      db?.close();
      throw toStorageError(cause, 'STORE_UNAVAILABLE', `${path} cannot be opened`);
    }
  }

  #prepareFile(path: string, steps: readonly string[] | undefined): void {
    if (this.#pragma('application_id') !== applicationId) {
      const tables = this.#db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'];
      // Read again: another process may have made the store between the two.
      const id = this.#pragma('application_id');
      if (id !== applicationId && (id !== 0 || tables !== 0)) {
        throw new StorageError(
          'STORE_UNAVAILABLE',
          'The file is a database of another program: choose another path.',
        );
      }
    }
    // Takes effect in a new file only. Five vectors of 384 numbers fill a page of it; of one of 4,096 bytes, two of them leave a quarter empty.
    this.#db.exec('PRAGMA page_size = 8192');
    // Changing the journal mode ignores the busy timeout.
    this.#untilFree(() => this.#db.exec('PRAGMA journal_mode = WAL'));
    this.#db.exec(readingPragmas);
    this.#db.exec(syncedMode);
    migrate(
      {
        path,
        pragma: (name) => this.#pragma(name),
        exec: (sql) => this.#db.exec(sql),
        transaction: (work) => this.transaction(work),
      },
      applicationId,
      steps,
    );
  }

  #pragma(name: string): number {
    const value = this.#db.prepare(`PRAGMA ${name}`).get()?.[name];
    return typeof value === 'number' ? value : 0;
  }

  /** The prepared statement of a text that is used again and again. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      // Filters make new texts: keep the ones in use, not all there ever were.
      if (this.#statements.size >= 200) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Runs `work` in one write transaction; what it throws undoes all of it.
   *
   * @param isSynced whether it survives a power failure (FULL), and with it all before; otherwise only the end of the process (NORMAL),
   * without waiting for the disk
   */
  transaction<T>(work: () => T, isSynced = true): T {
    if (isSynced !== this.#isSynced) {
      this.#db.exec(isSynced ? syncedMode : unsyncedMode);
      this.#isSynced = isSynced;
    }
    this.#file?.check();
    // IMMEDIATE: a read that becomes a write fails at once, whatever the timeout.
    this.#untilFree(() => this.#db.exec('BEGIN IMMEDIATE'));
    this.#generation += 1;
    try {
      const result = work();
      this.#db.exec('COMMIT');
      this.#log.keepShort();
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Runs `work` on one state of the file: what others commit meanwhile it does not see. */
  snapshot<T>(work: () => T): T {
    this.#db.exec('BEGIN');
    try {
      return work();
    } finally {
      if (this.#db.isTransaction) this.#db.exec('COMMIT');
    }
  }

  /** Runs `work` in a savepoint of the transaction under way: what it throws undoes only its own writes. */
  savepoint<T>(work: () => T): T {
    this.#db.exec('SAVEPOINT call');
    try {
      const result = work();
      this.#db.exec('RELEASE call');
      return result;
    } catch (error) {
      this.#generation += 1;
      // A full disk has rolled back everything already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK TO call; RELEASE call');
      throw error;
    }
  }

  /** Another number wherever rows may have come or gone since: in each transaction, and after each rollback. */
  get generation(): number {
    return this.#generation;
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  /** SQLite's own waiting is not fair: under steady load from others a turn may come late. */
  #untilFree(work: () => void): void {
    const deadline = Date.now() + this.#busyTimeoutMs;
    for (;;) {
      try {
        work();
        return;
      } catch (error) {
        if (!isBusy(error) || Date.now() > deadline) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 20);
      }
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }
}
