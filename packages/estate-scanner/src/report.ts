import { z } from 'zod';
import { UserContext } from './aws/identity.ts';

/** One account, region and service: what succeeds or fails as a whole. `global` is the region of global services. */
export const Scope = z.object({ account_id: z.string(), region: z.string(), service: z.string() });
export type Scope = z.infer<typeof Scope>;

/**
 * How a scope ended. Only `complete` says that what was not seen is not there.
 *
 * - `complete`: everything was listed.
 * - `partial`: some was listed, then something failed.
 * - `denied`: the caller may not list it.
 * - `skipped`: the region or service is not enabled.
 * - `unavailable`: the endpoint could not be reached.
 * - `failed`: anything else.
 */
export const ScopeStatus = z.enum([
  'complete',
  'partial',
  'denied',
  'skipped',
  'unavailable',
  'failed',
]);
export type ScopeStatus = z.infer<typeof ScopeStatus>;

export const ScopeReport = Scope.extend({
  status: ScopeStatus,
  resources: z.int(),
  duration_ms: z.int(),
  /** Why it is not complete: the AWS error code. */
  code: z.string().optional(),
  /** True where an interrupted scan had finished it, and this one went on from there. */
  resumed: z.boolean().optional(),
});
export type ScopeReport = z.infer<typeof ScopeReport>;

/** Something that went wrong. `warning`: all resources were found, but not everything about one of them. */
export const ReportedError = z.object({
  level: z.enum(['error', 'warning']),
  account_id: z.string().nullable(),
  region: z.string().nullable(),
  service: z.string().nullable(),
  /** The AWS error code, or a code of this package. */
  code: z.string(),
  /** What it means: the kinds of `AwsCallError`, and `account`, `scanner`, `permissions`, `embedding`, `checkpoint`, `handler`. */
  kind: z.string(),
  message: z.string(),
  /** True where a service control policy of the organization forbids it. */
  scp: z.boolean().optional(),
});
export type ReportedError = z.infer<typeof ReportedError>;

export const AccountReport = z.object({
  /** What was asked for where the credentials did not get that far; null where nothing was. */
  account_id: z.string().nullable(),
  profile: z.string().nullable(),
  /** The role that the scan assumed. */
  role_arn: z.string().nullable(),
  status: z.enum(['complete', 'partial', 'failed']),
  user_context: UserContext.nullable(),
});
export type AccountReport = z.infer<typeof AccountReport>;

/**
 * What a scan changed in the store, as keys; at most 1,000 of each kind, the rest is counted in `omitted`. `fields` are JSON Pointers
 * into the resource: `/state`, `/tags/team`.
 */
export const ReportedDifferences = z.object({
  created: z.array(z.string()),
  changed: z.array(z.object({ key: z.string(), fields: z.array(z.string()) })),
  /** Gone from a scope that was read completely. */
  missing: z.array(z.string()),
  omitted: z.int(),
});
export type ReportedDifferences = z.infer<typeof ReportedDifferences>;

/** What a scan found, what it could not see, and what it cost. */
export const ScanReport = z.object({
  scan_id: z.string(),
  /** The interrupted scan that this one went on from; null where it began anew. */
  resumed_from: z.string().nullable(),
  /** `complete`: every scope was (or is not enabled); `failed`: none was. */
  status: z.enum(['complete', 'partial', 'failed']),
  started_at: z.iso.datetime(),
  completed_at: z.iso.datetime(),
  duration_ms: z.int(),
  accounts: z.array(AccountReport),
  scopes: z.array(ScopeReport),
  counts: z.object({
    discovered: z.int(),
    created: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    missing: z.int(),
    embedded: z.int(),
  }),
  differences: ReportedDifferences,
  /** Processes of the AWS CLI, repeated calls included. */
  aws_calls: z.int(),
  /** Calls to the IAM API, repeated ones included. */
  iam_calls: z.int(),
  /** AWS CLI calls that were repeated. */
  retries: z.int(),
  /** Time in which a phase had something to do. Phases overlap: the sum may exceed `duration_ms`. */
  phases_ms: z.object({
    discover: z.int(),
    permissions: z.int(),
    embed: z.int(),
    store: z.int(),
  }),
  /** At most 1,000; the events tell of all. */
  errors: z.array(ReportedError),
  errors_omitted: z.int(),
  /** The caller in the first account that could be reached. */
  user_context: UserContext.nullable(),
  /** After `refresh`: keys that were asked for and are gone, from scopes that are complete. Otherwise empty. */
  missing_keys: z.array(z.string()),
});
export type ScanReport = z.infer<typeof ScanReport>;

/**
 * The status of a scan with these scopes: nothing read at all is `failed`; a region that is not enabled takes nothing away.
 *
 * @param failed whether something beside the scopes went wrong
 */
export function statusOf(scopes: readonly ScopeReport[], failed: boolean): ScanReport['status'] {
  const read = scopes.some(({ status }) => status === 'complete' || status === 'partial');
  const whole = scopes.every(({ status }) => status === 'complete' || status === 'skipped');
  if (whole && !failed) return 'complete';
  return read ? 'partial' : 'failed';
}
