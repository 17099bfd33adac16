import pLimit from 'p-limit';
import type { Account, Organization } from '../account.ts';
import { throwIfAborted } from '../aws/abort.ts';
import { literalRegions } from '../aws/region-filter.ts';
import { CheckpointRecorder } from '../checkpoint/recorder.ts';
import { ScanError } from '../errors.ts';
import type { EstateScannerOptions, Settings } from '../options.ts';
import type { PermissionSource } from '../ports.ts';
import type { ServiceScannerRegistry } from '../registry.ts';
import type { ScanReport } from '../report.ts';
import { AccountSession } from './account.ts';
import { runAccount } from './account-run.ts';
import { allOrStop } from './all-or-stop.ts';
import { lookAsGuests } from './guests.ts';
import { ScanLedger } from './ledger.ts';
import { organizationAccounts } from './organization.ts';
import type { EventOutlet } from './outlet.ts';
import { PhaseClock } from './phases.ts';
import { type AccountPlan, planAccount, type ScanTarget } from './plan.ts';
import { Sightings } from './sightings.ts';

/** What a scan is made of. */
export interface ScanParts {
  options: EstateScannerOptions;
  settings: Readonly<Settings>;
  registry: ServiceScannerRegistry;
  accounts: readonly Account[];
  organization: Organization | undefined;
  accountConcurrency: number;
  target: ScanTarget;
  outlet: EventOutlet;
  signal: AbortSignal;
  scanId: string;
  /** Under which name what is finished is noted, and what the scan goes through; null where it is not. */
  checkpoint: { name: string; selectionHash: string } | null;
  /** The source for an account's credentials; null where IAM is not to be asked. */
  permissions: (session: AccountSession) => Promise<PermissionSource | null>;
}

/** The accounts of a scan, found and ready to be run. */
export interface PlannedScan {
  plans: AccountPlan[];
  ledger: ScanLedger;
  clock: PhaseClock;
  stop: AbortController;
  signal: AbortSignal;
}

/**
 * Runs one scan: accounts, regions, services, each level with its bound.
 *
 * @throws ScanError `ABORTED`, `STORE_FAILED`, `CLI_NOT_FOUND`, `ENGINE_FAILED`; `details.report` is what had been done
 */
export async function runScan(parts: ScanParts): Promise<ScanReport> {
  return withPlans(parts, async ({ plans, ledger, clock, stop, signal }) => {
    const { options, outlet } = parts;
    const now = options.now ?? Date.now;
    const checkpoint = await openCheckpoint(parts, ledger, now);
    ledger.resumedFrom(checkpoint?.resumedFrom ?? null);
    ledger.planned(plans.flatMap(({ scopes }) => scopes));
    const sightings = parts.accountConcurrency > 1 ? new Sightings() : undefined;
    const limit = pLimit(parts.accountConcurrency);
    const run = { ...parts, signal, stop, clock, ledger, now, sightings, checkpoint };
    await allOrStop(
      stop,
      plans.map((plan) => limit(() => runAccount(plan, run))),
    );
    // Credentials that ended are renewed and the same scan is asked for again: then it goes on from here.
    if (plans.every(({ session }) => session.ended === null)) await checkpoint?.discard();
    const report = ledger.report({ cutShort: false });
    outlet.emit({ type: 'scan_completed', report });
    return report;
  });
}

/**
 * Finds the accounts of a scan, who the caller is in each, and which scopes there are; then does something with them.
 *
 * @throws ScanError as {@link runScan}
 */
export async function withPlans<Result>(
  parts: ScanParts,
  work: (scan: PlannedScan) => Promise<Result>,
): Promise<Result> {
  const { options, settings, target, outlet } = parts;
  const now = options.now ?? Date.now;
  const clock = new PhaseClock(now);
  const ledger = new ScanLedger({ scanId: parts.scanId, outlet, clock, now });
  // Whatever ends the scan early ends what still runs of it as well.
  const stop = new AbortController();
  const signal = AbortSignal.any([parts.signal, stop.signal]);
  const hint = regionHint(target);
  const sessionOf = (account: Account): AccountSession =>
    new AccountSession({
      account,
      runner: options.engine,
      settings,
      counter: ledger.counter,
      clock,
      signal,
      random: options.random ?? Math.random,
      now,
      regionHint: hint,
    });
  try {
    throwIfAborted(signal);
    const { organization } = parts;
    const sessions = [
      ...parts.accounts,
      ...(organization ? await membersOf(organization, sessionOf, settings, ledger) : []),
    ].map(sessionOf);
    ledger.accountsInOrder(sessions.map(({ account }) => account));
    const claimed = new Set<string>();
    const limit = pLimit(parts.accountConcurrency);
    const planned = await allOrStop(
      stop,
      sessions.map((session) => limit(() => planAccount(session, target, claimed, ledger))),
    );
    const reachable = planned.filter((plan) => plan !== null);
    const plans =
      target.wanted === null
        ? reachable
        : await lookAsGuests(target.wanted, reachable, options.store, ledger);
    return await work({ plans, ledger, clock, stop, signal });
  } catch (error) {
    throw withReport(error, ledger.report({ cutShort: true }));
  }
}

/** A region that is certain to be asked. */
function regionHint(target: ScanTarget): string | undefined {
  if ('job' in target) return target.job.home ?? undefined;
  if (target.wanted !== null) return target.wanted.region;
  return literalRegions(target.selection.regions ?? [])?.[0];
}

async function membersOf(
  organization: Organization,
  sessionOf: (account: Account) => AccountSession,
  { itemsPerCall }: Readonly<Settings>,
  ledger: ScanLedger,
): Promise<Account[]> {
  const { profile, credentials } = organization;
  const session = sessionOf({ profile, credentials });
  return organizationAccounts(organization, session, itemsPerCall, ledger);
}

async function openCheckpoint(
  { options, checkpoint, scanId }: ScanParts,
  ledger: ScanLedger,
  now: () => number,
): Promise<CheckpointRecorder | null> {
  if (checkpoint === null || options.checkpoints === undefined) return null;
  const { name, selectionHash } = checkpoint;
  return CheckpointRecorder.open({
    store: options.checkpoints,
    name,
    scanId,
    selectionHash,
    now,
    onProblem: (code, message) => {
      const where = { account_id: null, region: null, service: null };
      const said = `checkpoint "${name}": ${message}`;
      ledger.error({ level: 'warning', ...where, code, kind: 'checkpoint', message: said });
    },
  });
}

function withReport(error: unknown, report: ScanReport): unknown {
  if (!ScanError.is(error)) return error;
  const { code, message, retryable, details, cause } = error;
  return new ScanError(code, message, { retryable, cause, details: { ...details, report } });
}
