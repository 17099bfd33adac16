import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AccountReference } from '../account.ts';
import { ScanError } from '../errors.ts';
import { AccountReport, ReportedError, Scope } from '../report.ts';

/**
 * One scope of a planned scan, to be scanned by any process that has credentials for its account. It holds none: `account` says what
 * finds them.
 */
export const ScanJob = z.strictObject({
  schema: z.literal('scan-job/v1'),
  /** The same for the same scope of the same scan: what a queue tells repeated jobs by. */
  job_id: z.string().min(1),
  scan_id: z.string().min(1),
  /** When the scan was planned. */
  started_at: z.iso.datetime(),
  account: AccountReference.extend({ account_id: z.string().regex(/^\d{12}$/u) }),
  scope: Scope,
  /** Where the calls of a global service go; null leaves it to the configuration of the AWS CLI. */
  home: z.string().min(1).nullable(),
  /** The region patterns of the scan. */
  regions: z.array(z.string()),
  /** The regions that a global list is narrowed to; null where it is not. */
  narrowed_to: z.array(z.string()).nullable(),
  /** As planning found them, so that no job asks again; null is unknown. */
  account_aliases: z.array(z.string()).nullable(),
});
export type ScanJob = z.infer<typeof ScanJob>;

/** A scan as independent jobs, with what planning it found out. Plain JSON, without credentials. */
export const ScanPlan = z.object({
  schema: z.literal('scan-plan/v1'),
  scan_id: z.string().min(1),
  started_at: z.iso.datetime(),
  jobs: z.array(ScanJob),
  /** Accounts that cannot be scanned (`failed`), with the reason in `errors`; accounts that can are in the jobs. */
  accounts: z.array(AccountReport),
  errors: z.array(ReportedError),
  /** CLI calls that planning took. */
  aws_calls: z.int(),
  retries: z.int(),
});
export type ScanPlan = z.infer<typeof ScanPlan>;

/** @throws ScanError `INVALID_JOB` with the path of what is wrong, also for a job of a newer version */
export function parseJob(input: unknown): ScanJob {
  const parsed = ScanJob.safeParse(input);
  if (!parsed.success) {
    throw new ScanError('INVALID_JOB', `This is no scan job: ${z.prettifyError(parsed.error)}`);
  }
  const { account, scope } = parsed.data;
  if (account.account_id !== scope.account_id) {
    throw new ScanError('INVALID_JOB', 'This is no scan job: its account and its scope differ.');
  }
  return parsed.data;
}

/** The id of the job for a scope. */
export function jobId(scanId: string, { account_id, region, service }: Scope): string {
  const scope = JSON.stringify([scanId, account_id, region, service]);
  return createHash('sha256').update(scope).digest('hex').slice(0, 32);
}
