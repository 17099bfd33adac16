import { expectedAccountId, referenceOf } from '../account.ts';
import { allOrStop } from '../scan/all-or-stop.ts';
import type { AccountPlan } from '../scan/plan.ts';
import { aliasesOf } from '../scan/aliases.ts';
import type { PlannedScan } from '../scan/run.ts';
import { jobId, type ScanJob, type ScanPlan } from './job.ts';

/** The plan of a scan: a job for each scope, and what cannot be scanned. */
export async function planOf(
  { plans, ledger, stop }: PlannedScan,
  regions: readonly string[],
): Promise<ScanPlan> {
  const aliases = await allOrStop(
    stop,
    plans.map((plan) => aliasesOf(plan, ledger)),
  );
  const { accounts, errors, aws_calls, retries } = ledger.report({ cutShort: false });
  const started_at = ledger.startedAt;
  const scan = { scan_id: ledger.scanId, started_at };
  return {
    schema: 'scan-plan/v1',
    ...scan,
    jobs: plans.flatMap((plan, index) => jobsOf(plan, scan, regions, aliases[index] ?? null)),
    accounts,
    errors,
    aws_calls,
    retries,
  };
}

function jobsOf(
  { session, identity, scopes, home, narrowedTo }: AccountPlan,
  { scan_id, started_at }: Pick<ScanJob, 'scan_id' | 'started_at'>,
  regions: readonly string[],
  account_aliases: string[] | null,
): ScanJob[] {
  const account_id = expectedAccountId(session.account) ?? identity.account_id;
  return scopes.map((scope) => ({
    schema: 'scan-job/v1',
    job_id: jobId(scan_id, scope),
    scan_id,
    started_at,
    account: { ...referenceOf(session.account), account_id },
    scope,
    home: home ?? null,
    regions: [...regions],
    narrowed_to: narrowedTo === null ? null : [...narrowedTo],
    account_aliases,
  }));
}
