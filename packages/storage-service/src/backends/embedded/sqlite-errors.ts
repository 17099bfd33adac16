import { StorageError, type StorageErrorCode } from '../../errors.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html */
const codes: Readonly<Record<number, { code: StorageErrorCode; message: string }>> = {
  5: { code: 'STORE_BUSY', message: 'Another process holds the file: try again.' },
  6: { code: 'STORE_BUSY', message: 'A table of the file is locked: try again.' },
  8: { code: 'STORE_UNAVAILABLE', message: 'The file or its folder is read-only.' },
  10: { code: 'BACKEND_FAILED', message: 'Reading or writing the file failed.' },
  11: { code: 'STORE_CORRUPT', message: 'The file is damaged: restore a backup.' },
  13: { code: 'STORE_FULL', message: 'The disk is full: nothing of this call was written.' },
  14: { code: 'STORE_UNAVAILABLE', message: 'The file cannot be opened: does its folder exist?' },
  26: { code: 'STORE_CORRUPT', message: 'The file is not a database.' },
};

function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}

/** True for an error that waiting for another process may cure. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === 5;
}

/** Gives an error of SQLite its code; a StorageError stays what it is. */
export function toStorageError(
  error: unknown,
  fallback: StorageErrorCode = 'BACKEND_FAILED',
  context = '',
): StorageError {
  if (StorageError.is(error)) return error;
  const sqlite = primaryCode(error);
  const known = sqlite === null ? undefined : codes[sqlite];
  const reason = error instanceof Error ? error.message : String(error);
  const prefix = context === '' ? '' : `${context}. `;
  return new StorageError(
    known?.code ?? fallback,
    known === undefined ? `${prefix}${reason}` : `${prefix}${known.message} (${reason})`,
    { cause: error, details: sqlite === null ? {} : { sqlite_code: sqlite } },
  );
}
