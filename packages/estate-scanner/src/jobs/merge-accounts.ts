import { type AccountReport, type ScanReport, type ScopeReport, statusOf } from '../report.ts';
import type { ScanPlan } from './job.ts';

/** One entry for each account of several reports: by its scopes, and by what ended it in one of them. */
export function mergeAccounts(
  reports: readonly ScanReport[],
  scopes: readonly ScopeReport[],
  plan: ScanPlan | undefined,
): AccountReport[] {
  const merged = new Map<string, AccountReport[]>();
  const entries = [...(plan?.accounts ?? []), ...reports.flatMap(({ accounts }) => accounts)];
  for (const [index, account] of entries.entries()) {
    const key = account.account_id ?? `unknown ${index}`;
    merged.set(key, [...(merged.get(key) ?? []), account]);
  }
  return [...merged].map(([account_id, [first, ...more]]) =>
    mergeOne(account_id, scopes, first, more),
  );
}

function mergeOne(
  account_id: string,
  scopes: readonly ScopeReport[],
  first: AccountReport | undefined,
  more: readonly AccountReport[],
): AccountReport {
  const all = first ? [first, ...more] : more;
  const own = scopes.filter((scope) => scope.account_id === account_id);
  const failed = all.some(
    ({ user_context, status }) => user_context === null || status === 'failed',
  );
  return {
    account_id: first?.account_id ?? null,
    profile: first?.profile ?? null,
    role_arn: first?.role_arn ?? null,
    status: own.length === 0 ? 'failed' : statusOf(own, failed),
    user_context: all.find(({ user_context }) => user_context !== null)?.user_context ?? null,
  };
}
