import { z } from 'zod';
import type { Json } from './protocol/json.ts';

/**
 * What can go wrong, for programs. What to do about each is in the README.
 *
 * - `INVALID_INPUT`, `INVALID_OPTIONS`, `POLICY_INVALID`: the caller's own input
 * - `OVER_BUDGET`: the message alone does not fit into the token budget
 * - `CONNECTION_FAILED`, `TIMEOUT`, `RETRY_LATER`, `UNAUTHORIZED`, `SERVER_PROBLEM`, `BAD_CONTENT_TYPE`, `BAD_RESPONSE`, `RESPONSE_TOO_LARGE`, `STREAM_INCOMPLETE`, `PROTOCOL_UNSUPPORTED`: the server
 * - `PLAN_INVALID`, `PARAMETER_INVALID`, `CONTEXT_MISMATCH`, `TARGET_MISMATCH`, `PLAYBOOK_EXPIRED`, `SIGNATURE_INVALID`: the playbook
 * - `POLICY_DENIED`, `APPROVAL_REQUIRED`, `APPROVAL_INVALID`: nothing ran because it may not
 * - `REPAIR_REFUSED`: the run cannot, or not once more, be repaired
 * - `IDENTITY_UNKNOWN`: AWS did not say who the caller is
 * - `JOURNAL_FAILED`, `AUDIT_FAILED`, `STORAGE_FAILED`: the local disk or store
 * - `ABORTED`: the caller's signal
 */
export const RequestErrorCode = z.enum([
  'INVALID_INPUT',
  'INVALID_OPTIONS',
  'POLICY_INVALID',
  'OVER_BUDGET',
  'CONNECTION_FAILED',
  'TIMEOUT',
  'RETRY_LATER',
  'UNAUTHORIZED',
  'SERVER_PROBLEM',
  'BAD_CONTENT_TYPE',
  'BAD_RESPONSE',
  'RESPONSE_TOO_LARGE',
  'STREAM_INCOMPLETE',
  'PROTOCOL_UNSUPPORTED',
  'PLAN_INVALID',
  'PARAMETER_INVALID',
  'CONTEXT_MISMATCH',
  'TARGET_MISMATCH',
  'PLAYBOOK_EXPIRED',
  'SIGNATURE_INVALID',
  'POLICY_DENIED',
  'APPROVAL_REQUIRED',
  'APPROVAL_INVALID',
  'REPAIR_REFUSED',
  'IDENTITY_UNKNOWN',
  'JOURNAL_FAILED',
  'AUDIT_FAILED',
  'STORAGE_FAILED',
  'ABORTED',
]);
export type RequestErrorCode = z.infer<typeof RequestErrorCode>;

/** One thing that is wrong with a document, by JSON Pointer. */
export interface Finding {
  pointer: string;
  message: string;
}

export interface RequestErrorOptions {
  /** Whether the same call may succeed later without a change. Default false. */
  retryable?: boolean;
  /** JSON, free of secrets. */
  details?: Record<string, Json>;
  cause?: unknown;
}

const marker = Symbol.for('cloudops.RequestError');

/** The one error class of this package. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: RequestErrorCode;
  readonly retryable: boolean;
  readonly details: Record<string, Json>;

  constructor(code: RequestErrorCode, message: string, options: RequestErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether a value is a RequestError, of this or another copy of the package. */
  static is(value: unknown): value is RequestError {
    return value instanceof Error && marker in value;
  }
}

/** JSON Pointer (RFC 6901) of a zod path. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/**
 * What zod found, at most 20 of it, as pointers and messages.
 *
 * A union reports the branch that came closest, so that a typo in a step is named where it is.
 */
export function findingsOf(error: z.ZodError): Finding[] {
  const findings = error.issues.flatMap((issue) => flatten(issue, []));
  return findings.slice(0, 20);
}

function flatten(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): Finding[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
    if (depth(closest) > 0) return closest.flatMap((inner) => flatten(inner, path));
  }
  return [{ pointer: toPointer(path), message: issue.message }];
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}
