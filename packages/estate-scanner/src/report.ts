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
  /** What it means: the kinds of `AwsCallError`, and `account`, `scanner`, `permissions`, `embedding`, `handler`. */
  kind: z.string(),
  message: z.string(),
  /** True where a service control policy of the organization forbids it. */
  scp: z.boolean().optional(),
});
export type ReportedError = z.infer<typeof ReportedError>;

export const AccountReport = z.object({
  /** Null where the credentials did not get that far. */
  account_id: z.string().nullable(),
  profile: z.string().nullable(),
  status: z.enum(['complete', 'partial', 'failed']),
  user_context: UserContext.nullable(),
});
export type AccountReport = z.infer<typeof AccountReport>;

/** What a scan found, what it could not see, and what it cost. */
export const ScanReport = z.object({
  scan_id: z.string(),
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
    embedded: z.int(),
  }),
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
  errors: z.array(ReportedError),
  /** The caller in the first account that could be reached. */
  user_context: UserContext.nullable(),
  /** After `refresh`: keys that were asked for and are gone, from scopes that are complete. Otherwise empty. */
  missing_keys: z.array(z.string()),
});
export type ScanReport = z.infer<typeof ScanReport>;
