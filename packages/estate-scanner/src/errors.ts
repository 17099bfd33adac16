/**
 * Codes of {@link ScanError}. What AWS refuses or cannot answer is in the report instead:
 *
 * - `INVALID_OPTIONS`: an option does not validate; the message has its path.
 * - `INVALID_JOB`: what was given to `scanScope` is no job, or one of a newer version.
 * - `INVALID_SCANNER`: a service scanner's definition, or something it yielded, does not validate.
 * - `DUPLICATE_SERVICE`, `UNKNOWN_SERVICE`: the registry has that service already, or not at all.
 * - `CLI_NOT_FOUND`: the `aws` program is not installed or not on the path.
 * - `ENGINE_FAILED`: the engine did not take a command, for example because it was closed.
 * - `EMBEDDER_UNAVAILABLE`: the embedder's optional dependency or its model is missing.
 * - `EMBEDDER_FAILED`, `STORE_FAILED`: the embedder or the store rejected.
 * - `ABORTED`: the caller's signal aborted; `details.report` is what had been done, where a scan ran.
 * - `CLOSED`: used after `close()`.
 */
export type ScanErrorCode =
  | 'INVALID_OPTIONS'
  | 'INVALID_JOB'
  | 'INVALID_SCANNER'
  | 'DUPLICATE_SERVICE'
  | 'UNKNOWN_SERVICE'
  | 'CLI_NOT_FOUND'
  | 'ENGINE_FAILED'
  | 'EMBEDDER_UNAVAILABLE'
  | 'EMBEDDER_FAILED'
  | 'STORE_FAILED'
  | 'ABORTED'
  | 'CLOSED';

/** What comes with a {@link ScanError} besides its message. */
export interface ScanErrorOptions {
  /** Whether the same call may succeed later without a change. Default false. */
  retryable?: boolean;
  details?: Record<string, unknown>;
  cause?: unknown;
}

const brand = Symbol.for('cloudops.ScanError');

/** Every error this package throws. */
export class ScanError extends Error {
  override readonly name = 'ScanError';
  readonly code: ScanErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [brand] = true;

  constructor(code: ScanErrorCode, message: string, options: ScanErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }

  /** Whether a value is a ScanError, also one of another copy of this package (ESM and CJS). */
  static is(value: unknown): value is ScanError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
