/** What a call on the engine can be refused with, or a listener be told. The command itself did nothing wrong, or was never run. */
export const CALL_ERROR_CODES = [
  'INVALID_OPTIONS',
  'INVALID_REQUEST',
  'PLAN_INVALID',
  'NOT_FOUND',
  'WRONG_KIND',
  'ID_CONFLICT',
  'CLOSED',
  'NOT_RESUMABLE',
  'LOG_TOO_LARGE',
  'LOG_UNREADABLE',
  'STATE_UNREADABLE',
] as const;
/** What a call on the engine can be refused with, or a listener be told. */
export type CallErrorCode = (typeof CALL_ERROR_CODES)[number];

/** Why an execution or a step ended without success: `result.error.code`. */
export const FAILURE_CODES = [
  'NONZERO_EXIT',
  'SIGNALLED',
  'TIMEOUT',
  'IDLE_TIMEOUT',
  'CANCELLED',
  'SPAWN_FAILED',
  'BAD_WORKING_DIR',
  'BAD_ENVIRONMENT',
  'INVALID_REQUEST',
  'INTERRUPTED',
  'LOG_DISK_FULL',
  'LOG_DIR_UNSAFE',
  'LOG_WRITE_FAILED',
  'STATE_WRITE_FAILED',
  'OUTPUT_INVALID',
  'REF_UNRESOLVED',
  'STEP_FAILED',
  'INTERNAL',
] as const;
/** Why an execution or a step ended without success: `result.error.code`. */
export type FailureCode = (typeof FAILURE_CODES)[number];

/** Every code an {@link ExecutionError} can carry. */
export type ExecutionErrorCode = CallErrorCode | FailureCode;

/** Codes after which the same request may well succeed. */
const RETRYABLE: ReadonlySet<ExecutionErrorCode> = new Set([
  'TIMEOUT',
  'IDLE_TIMEOUT',
  'INTERRUPTED',
]);

const BRAND = Symbol.for('cloudops.ExecutionError');

/**
 * The one error class of this package.
 *
 * `code` is what to branch on; `retryable` says whether the same call may succeed later; `details` holds
 * plain data (for `INVALID_REQUEST` and `PLAN_INVALID` an `issues` array of `{ path, message }`; for a
 * failed `run(…, { check: true })` the `result`).
 */
export class ExecutionError extends Error {
  override readonly name = 'ExecutionError';
  readonly code: ExecutionErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [BRAND] = true;

  constructor(
    code: ExecutionErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = RETRYABLE.has(code);
    this.details = options.details ?? {};
  }

  /** Whether `value` is an ExecutionError, also one from another copy of this package (ESM beside CJS). */
  static is(value: unknown): value is ExecutionError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** The `code` of a Node system error (`ENOENT`, `ENOSPC`, …), or null where `error` is none. */
export function systemErrorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A failure as data: the code of an ExecutionError, or `INTERNAL` for anything else. */
export function failureFrom(error: unknown): { code: FailureCode; message: string } {
  const code = ExecutionError.is(error)
    ? FAILURE_CODES.find((known) => known === error.code)
    : undefined;
  return { code: code ?? 'INTERNAL', message: messageOf(error) };
}
