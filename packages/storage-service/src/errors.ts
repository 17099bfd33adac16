/**
 * What went wrong, as a word that programs can branch on.
 *
 * - Input: `INVALID_INPUT`, `FILTER_INVALID`, `UNKNOWN_FIELD`, `CURSOR_INVALID`, `VECTOR_INVALID`, `ITEM_TOO_LARGE`,
 *   `ID_CONFLICT` (one id, two contents), `NOT_FOUND`, `EMBEDDER_MISSING`, `EMBEDDING_MISMATCH` (another model or dimension).
 * - Keys: `KEY_NOT_FOUND`, `KEY_INVALID`, `KEY_WRONG`, `KEY_FILE_INSECURE`, `KEYCHAIN_UNAVAILABLE`, `ENCRYPTION_MISMATCH`
 *   (an encrypted store opened without keys, or the reverse), `DECRYPTION_FAILED`.
 * - Store: `STORE_UNAVAILABLE`, `ACCESS_DENIED` (the API key of a server), `STORE_TOO_NEW`, `STORE_TOO_OLD` (a server before 1.18),
 *   `STORE_CORRUPT`, `STORE_BUSY`, `STORE_FULL`, `STORE_NOT_EMPTY`, `CLOSED`, `ABORTED`, `BACKEND_FAILED`.
 * - Backups: `BACKUP_FAILED` (the target), `BACKUP_DAMAGED` (the backup).
 */
export type StorageErrorCode =
  | 'INVALID_INPUT'
  | 'FILTER_INVALID'
  | 'UNKNOWN_FIELD'
  | 'CURSOR_INVALID'
  | 'VECTOR_INVALID'
  | 'ITEM_TOO_LARGE'
  | 'ID_CONFLICT'
  | 'NOT_FOUND'
  | 'EMBEDDER_MISSING'
  | 'EMBEDDING_MISMATCH'
  | 'KEY_NOT_FOUND'
  | 'KEY_INVALID'
  | 'KEY_WRONG'
  | 'KEY_FILE_INSECURE'
  | 'KEYCHAIN_UNAVAILABLE'
  | 'ENCRYPTION_MISMATCH'
  | 'DECRYPTION_FAILED'
  | 'STORE_UNAVAILABLE'
  | 'ACCESS_DENIED'
  | 'STORE_TOO_NEW'
  | 'STORE_TOO_OLD'
  | 'STORE_CORRUPT'
  | 'STORE_BUSY'
  | 'STORE_FULL'
  | 'CLOSED'
  | 'ABORTED'
  | 'STORE_NOT_EMPTY'
  | 'BACKUP_FAILED'
  | 'BACKUP_DAMAGED'
  | 'BACKEND_FAILED';

/** What an error knows beyond its message: data, safe to log (never content, never key material). */
export interface StorageErrorDetails {
  readonly [name: string]: unknown;
}

const retryableCodes: ReadonlySet<StorageErrorCode> = new Set([
  'STORE_BUSY',
  'STORE_FULL',
  'KEYCHAIN_UNAVAILABLE',
]);

const marker = Symbol.for('cloudops.StorageError');

/** The one error class of this package. The message says what to do about it. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;
  /** True where the same call may succeed later without a change. */
  readonly retryable: boolean;
  readonly details: StorageErrorDetails;

  constructor(
    code: StorageErrorCode,
    message: string,
    options: { details?: StorageErrorDetails; cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StorageError';
    this.code = code;
    this.retryable = options.retryable ?? retryableCodes.has(code);
    this.details = options.details ?? {};
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for a StorageError of any copy of this package (ESM and CJS loaded side by side). */
  static is(value: unknown): value is StorageError {
    return value instanceof Error && marker in value;
  }
}

/** Throws `ABORTED` once the caller has given up. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new StorageError('ABORTED', 'The call was aborted by its signal.', {
      cause: signal.reason,
    });
  }
}
