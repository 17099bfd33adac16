import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { Database } from '../../src/backends/embedded/database.ts';
import { migrationCopyPath } from '../../src/backends/embedded/migrate.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const first = 'CREATE TABLE note (text TEXT)';
const second = "ALTER TABLE note ADD COLUMN more TEXT DEFAULT 'm'";

it('changes an older file after it has kept a copy of it', () => {
  const path = join(folder, "it's old.db");
  const old = Database.open(path, 1000, [first]);
  old.transaction(() => old.statement("INSERT INTO note VALUES ('kept')").run());
  old.close();
  expect(existsSync(migrationCopyPath(path, 1))).toBe(false);

  const migrated = Database.open(path, 1000, [first, second]);
  expect(migrated.statement('SELECT * FROM note').get()).toEqual({ text: 'kept', more: 'm' });
  migrated.close();
  const copy = new DatabaseSync(migrationCopyPath(path, 1));
  expect(copy.prepare('SELECT * FROM note').get()).toEqual({ text: 'kept' });
  expect(copy.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  copy.close();
  expect(() => Database.open(path, 1000, [first])).toThrow('schema version 2');
});

it('leaves the file as it was when a step fails', () => {
  const path = join(folder, 'failing.db');
  Database.open(path, 1000, [first]).close();
  expect(() => Database.open(path, 1000, [first, second, 'CREATE TABLE note (x)'])).toThrow(
    'note already exists',
  );
  const again = Database.open(path, 1000, [first]);
  expect(again.statement('SELECT count(*) AS n FROM pragma_table_info(?)').get('note')).toEqual({
    n: 1,
  });
  again.close();
});
