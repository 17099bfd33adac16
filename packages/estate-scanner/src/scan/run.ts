import pLimit from 'p-limit';
import { throwIfAborted } from '../aws/abort.ts';
import { ScanError } from '../errors.ts';
import type { Account, EstateScannerOptions, Settings } from '../options.ts';
import type { PermissionSource } from '../ports.ts';
import type { ServiceScannerRegistry } from '../registry.ts';
import type { ScanReport } from '../report.ts';
import { AccountSession } from './account.ts';
import { ScanLedger } from './ledger.ts';
import type { EventOutlet } from './outlet.ts';
import { PhaseClock } from './phases.ts';
import { Pipeline } from './pipeline.ts';
import { type AccountPlan, planAccount, type ScanTarget, withoutPartition } from './plan.ts';
import { runScope } from './scope.ts';

/** What a scan is made of. */
export interface ScanParts {
  options: EstateScannerOptions;
  settings: Readonly<Settings>;
  registry: ServiceScannerRegistry;
  accounts: readonly Account[];
  target: ScanTarget;
  outlet: EventOutlet;
  signal: AbortSignal;
  scanId: string;
  /** The source for an account's credentials; null where IAM is not to be asked. */
  permissions: (account: Account) => Promise<PermissionSource | null>;
}

/**
 * Runs one scan: accounts, regions, services, each level with its bound.
 *
 * @throws ScanError `ABORTED`, `STORE_FAILED`, `CLI_NOT_FOUND`, `ENGINE_FAILED`; `details.report` is what had been done
 */
export async function runScan(parts: ScanParts): Promise<ScanReport> {
  const { options, settings, accounts, target, outlet } = parts;
  const now = options.now ?? Date.now;
  const clock = new PhaseClock(now);
  const ledger = new ScanLedger({ scanId: parts.scanId, outlet, clock, now });
  // Whatever ends the scan early ends what still runs of it as well.
  const stop = new AbortController();
  const signal = AbortSignal.any([parts.signal, stop.signal]);
  const limit = pLimit(settings.concurrency.accounts);
  try {
    throwIfAborted(signal);
    const sessions = accounts.map(
      (account) =>
        new AccountSession({
          account,
          runner: options.engine,
          settings,
          counter: ledger.counter,
          clock,
          signal,
          random: options.random ?? Math.random,
        }),
    );
    const claimed = new Set<string>();
    const plans = await allOrStop(
      stop,
      sessions.map((session) => limit(() => planAccount(session, target, claimed, ledger))),
    );
    const reachable = plans.filter((plan) => plan !== null);
    if (target.wanted !== null) reportUnreachable(target.wanted, claimed, ledger);
    ledger.planned(reachable.flatMap(({ scopes }) => scopes));
    await allOrStop(
      stop,
      reachable.map((plan) =>
        limit(() => runAccount(plan, { ...parts, signal }, { clock, ledger, now, stop })),
      ),
    );
  } catch (error) {
    throw withReport(error, ledger.report({ cutShort: true }));
  }
  const report = ledger.report({ cutShort: false });
  outlet.emit({ type: 'scan_completed', report });
  return report;
}

async function runAccount(
  plan: AccountPlan,
  parts: ScanParts,
  scan: { clock: PhaseClock; ledger: ScanLedger; now: () => number; stop: AbortController },
): Promise<void> {
  const { options, settings, registry, outlet, signal, target } = parts;
  const { session, identity, home, scopes, includesRegion } = plan;
  const { clock, ledger, now, stop } = scan;
  const permissions = await parts.permissions(session.account);
  const pipeline = new Pipeline({
    store: options.store,
    embedder: options.embedder,
    permissions,
    principalArn: identity.caller_arn,
    actionsOf: (type) => registry.forType(type)?.actions[type],
    batchSize: settings.batchSize,
    clock,
    ledger,
    outlet,
    signal,
    now,
  });
  try {
    const regions = pLimit(settings.concurrency.regions);
    const byRegion = new Set(scopes.map(({ region }) => region));
    const scopeParts = {
      session,
      identity,
      home,
      settings,
      pipeline,
      ledger,
      outlet,
      signal,
      includesRegion,
      wanted: target.wanted,
      now,
    };
    await allOrStop(
      stop,
      [...byRegion].map((region) =>
        regions(() => {
          const services = pLimit(settings.concurrency.services);
          return allOrStop(
            stop,
            scopes
              .filter((scope) => scope.region === region)
              .map((scope) =>
                services(() => runScope(scope, registry.get(scope.service), scopeParts)),
              ),
          );
        }),
      ),
    );
    await pipeline.drain();
  } finally {
    permissions?.close?.();
  }
  if (session.ended) {
    const { code, kind, call, message } = session.ended;
    const where = { account_id: identity.account_id, region: null, service: null };
    ledger.error({ level: 'error', ...where, code, kind, message: `${call}: ${message}` });
  }
  if (permissions) reportPermissions(permissions, identity.account_id, ledger);
  ledger.account(session.account.profile, withoutPartition(identity), session.ended !== null);
}

function reportPermissions(source: PermissionSource, account_id: string, ledger: ScanLedger): void {
  ledger.iamCalls(source.calls);
  for (const { reason, message, resources } of source.unknown ?? []) {
    ledger.error({
      level: 'warning',
      account_id,
      region: null,
      service: null,
      code: reason,
      kind: 'permissions',
      message: `permissions of ${resources} resources are unknown: ${message}`,
    });
  }
}

function reportUnreachable(
  wanted: Extract<ScanTarget['wanted'], object>,
  reached: ReadonlySet<string>,
  ledger: ScanLedger,
): void {
  const refuse = (account_id: string, code: string, message: string): void => {
    const where = { account_id, region: null, service: null };
    ledger.error({ level: 'error', ...where, code, kind: 'account', message });
  };
  for (const account_id of wanted.accounts()) {
    if (reached.has(account_id)) continue;
    refuse(
      account_id,
      'ACCOUNT_MISMATCH',
      `None of the credentials belong to account ${account_id}: its resources were not refreshed.`,
    );
  }
  for (const { key, account_id, resource_type } of wanted.unknown) {
    refuse(account_id, 'UNKNOWN_SERVICE', `No service scanner yields ${resource_type}: ${key}`);
  }
}

/** Waits for all; the first that rejects stops the others, and they are waited for as well. */
async function allOrStop<Value>(
  stop: AbortController,
  work: readonly Promise<Value>[],
): Promise<Value[]> {
  for (const promise of work) promise.catch((error: unknown) => stop.abort(error));
  await Promise.allSettled(work);
  return Promise.all(work);
}

function withReport(error: unknown, report: ScanReport): unknown {
  if (!ScanError.is(error)) return error;
  const { code, message, retryable, details, cause } = error;
  return new ScanError(code, message, { retryable, cause, details: { ...details, report } });
}
