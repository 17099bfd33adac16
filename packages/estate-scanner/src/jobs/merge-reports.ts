import { ScanError } from '../errors.ts';
import { type ScanReport, type ScopeReport, type ScopeStatus, statusOf } from '../report.ts';
import { mergeAccounts } from './merge-accounts.ts';
import type { ScanPlan } from './job.ts';

/** What a merged report lists, as that of one scan. */
const LISTED = 1_000;

/** The better one of two runs of a job is the one that counts. */
const RANKS: Readonly<Record<ScopeStatus, number>> = {
  complete: 5,
  partial: 4,
  skipped: 3,
  denied: 2,
  unavailable: 1,
  failed: 0,
};

/**
 * One report of the reports of a planned scan, in whatever order they came. A job that was run twice, as queues do, counts once: by its
 * better, then its earlier run. With the plan, a job that nobody ran is a `failed` scope with the code `NOT_RUN`.
 *
 * @throws ScanError `INVALID_OPTIONS` for reports of several scans, and for no report and no plan
 */
export function mergeReports(
  reports: readonly ScanReport[],
  { plan }: { plan?: ScanPlan } = {},
): ScanReport {
  const ids = new Set([...reports.map(({ scan_id }) => scan_id), ...(plan ? [plan.scan_id] : [])]);
  const [scan_id, ...others] = ids;
  if (scan_id === undefined || others.length > 0) {
    const which = scan_id === undefined ? 'no scan' : `the scans ${[...ids].join(', ')}`;
    throw new ScanError(
      'INVALID_OPTIONS',
      `Reports of one scan are merged, these are of ${which}.`,
    );
  }
  const counted = withoutRepeated(reports);
  const scopes = [...counted.flatMap((report) => report.scopes), ...notRun(counted, plan)];
  const accounts = mergeAccounts(counted, scopes, plan);
  const errors = [...(plan?.errors ?? []), ...counted.flatMap((report) => report.errors)];
  const failed =
    errors.some(({ level }) => level === 'error') ||
    accounts.some(({ status }) => status !== 'complete') ||
    counted.some(({ status }) => status !== 'complete');
  const times = [...(plan ? [plan.started_at] : []), ...counted.map((report) => report.started_at)];
  const started_at = times.sort()[0] ?? new Date(0).toISOString();
  const completed_at =
    counted
      .map((report) => report.completed_at)
      .sort()
      .at(-1) ?? started_at;
  const sum = (of: (report: ScanReport) => number, from = counted): number =>
    from.reduce((total, report) => total + of(report), 0);
  return {
    scan_id,
    resumed_from: null,
    status: statusOf(scopes, failed),
    started_at,
    completed_at,
    duration_ms: Math.max(0, Date.parse(completed_at) - Date.parse(started_at)),
    accounts,
    scopes,
    counts: {
      discovered: sum(({ counts }) => counts.discovered),
      created: sum(({ counts }) => counts.created),
      changed: sum(({ counts }) => counts.changed),
      unchanged: sum(({ counts }) => counts.unchanged),
      missing: sum(({ counts }) => counts.missing),
      embedded: sum(({ counts }) => counts.embedded),
    },
    differences: mergeDifferences(counted),
    // What was done twice was paid for twice.
    aws_calls: (plan?.aws_calls ?? 0) + sum(({ aws_calls }) => aws_calls, [...reports]),
    iam_calls: sum(({ iam_calls }) => iam_calls, [...reports]),
    retries: (plan?.retries ?? 0) + sum(({ retries }) => retries, [...reports]),
    phases_ms: {
      discover: sum(({ phases_ms }) => phases_ms.discover),
      permissions: sum(({ phases_ms }) => phases_ms.permissions),
      embed: sum(({ phases_ms }) => phases_ms.embed),
      store: sum(({ phases_ms }) => phases_ms.store),
    },
    errors: errors.slice(0, LISTED),
    errors_omitted:
      sum(({ errors_omitted }) => errors_omitted) + Math.max(0, errors.length - LISTED),
    user_context: accounts.find(({ user_context }) => user_context !== null)?.user_context ?? null,
    missing_keys: counted.flatMap(({ missing_keys }) => missing_keys),
  };
}

function withoutRepeated(reports: readonly ScanReport[]): ScanReport[] {
  const best = new Map<string, ScanReport>();
  for (const report of reports.toSorted(byCompletion)) {
    const scopes = report.scopes.map(keyOf).sort().join('\n');
    // A report without scopes is of a job whose account could not be entered: each one counts.
    const key = scopes === '' ? `none ${best.size}` : scopes;
    const before = best.get(key);
    if (before === undefined || rankOf(report) > rankOf(before)) best.set(key, report);
  }
  return [...best.values()];
}

function byCompletion(a: ScanReport, b: ScanReport): number {
  return Date.parse(a.completed_at) - Date.parse(b.completed_at);
}

function rankOf({ scopes }: ScanReport): number {
  return Math.min(...scopes.map(({ status }) => RANKS[status]));
}

function notRun(reports: readonly ScanReport[], plan: ScanPlan | undefined): ScopeReport[] {
  const run = new Set(reports.flatMap(({ scopes }) => scopes.map(keyOf)));
  const open = (plan?.jobs ?? []).filter(({ scope }) => !run.has(keyOf(scope)));
  return open.map(({ scope: { account_id, region, service } }) => {
    const where = { account_id, region, service };
    return Object.assign(where, {
      status: 'failed' as const,
      code: 'NOT_RUN',
      resources: 0,
      duration_ms: 0,
    });
  });
}

function mergeDifferences(reports: readonly ScanReport[]): ScanReport['differences'] {
  const all = reports.map(({ differences }) => differences);
  const created = all.flatMap((one) => one.created);
  const changed = all.flatMap((one) => one.changed);
  const missing = all.flatMap((one) => one.missing);
  const beyond = [created, changed, missing].map(({ length }) => Math.max(0, length - LISTED));
  return {
    created: created.slice(0, LISTED),
    changed: changed.slice(0, LISTED),
    missing: missing.slice(0, LISTED),
    omitted: [...all.map(({ omitted }) => omitted), ...beyond].reduce((a, b) => a + b, 0),
  };
}

function keyOf({ account_id, region, service }: ScopeReport | ScanPlan['jobs'][number]['scope']) {
  return `${account_id} ${region} ${service}`;
}
