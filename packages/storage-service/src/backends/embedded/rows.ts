import type { SQLOutputValue } from 'node:sqlite';
import { StorageError } from '../../errors.ts';

/** A row as node:sqlite gives it. */
export type Row = Record<string, SQLOutputValue>;

function damaged(column: string): StorageError {
  return new StorageError(
    'STORE_CORRUPT',
    `The file is damaged: column ${column} has another type.`,
    {
      details: { column },
    },
  );
}

/** The text in a column. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw damaged(column);
  return value;
}

/** The text in a column, or null. */
export function textOrNull(row: Row, column: string): string | null {
  const value = row[column];
  if (value !== null && typeof value !== 'string') throw damaged(column);
  return value;
}

/** The number in a column. */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw damaged(column);
  return value;
}

/** The bytes in a column. */
export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw damaged(column);
  return value;
}
