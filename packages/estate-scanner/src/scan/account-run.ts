import pLimit from 'p-limit';
import type { EstateScannerOptions, Settings } from '../options.ts';
import type { PermissionSource } from '../ports.ts';
import type { ServiceScannerRegistry } from '../registry.ts';
import type { Scope } from '../report.ts';
import type { CheckpointRecorder } from '../checkpoint/recorder.ts';
import type { AccountSession } from './account.ts';
import { aliasesOf } from './aliases.ts';
import { allOrStop } from './all-or-stop.ts';
import type { ScanLedger } from './ledger.ts';
import { markGone, markMissing, missingScopes } from './missing.ts';
import type { EventOutlet } from './outlet.ts';
import { Owners } from './owners.ts';
import type { PhaseClock } from './phases.ts';
import { Pipeline } from './pipeline.ts';
import { type AccountPlan, type ScanTarget, withoutPartition } from './plan.ts';
import { runScope, type ScopeEnd } from './scope.ts';
import type { Sightings } from './sightings.ts';

/** What the accounts of a scan share. */
export interface AccountRunParts {
  options: EstateScannerOptions;
  settings: Readonly<Settings>;
  registry: ServiceScannerRegistry;
  target: ScanTarget;
  outlet: EventOutlet;
  signal: AbortSignal;
  stop: AbortController;
  clock: PhaseClock;
  ledger: ScanLedger;
  now: () => number;
  /** Where accounts are scanned at once. */
  sightings: Sightings | undefined;
  checkpoint: CheckpointRecorder | null;
  /** The source for an account's credentials; null where IAM is not to be asked. */
  permissions: (session: AccountSession) => Promise<PermissionSource | null>;
}

/**
 * Scans one account: its regions and services, each level with its bound.
 *
 * @throws ScanError `ABORTED`, `STORE_FAILED`, `CLI_NOT_FOUND`, `ENGINE_FAILED`
 */
export async function runAccount(plan: AccountPlan, parts: AccountRunParts): Promise<void> {
  const { options, settings, registry, ledger, checkpoint } = parts;
  const { session, identity } = plan;
  const permissions = await parts.permissions(session);
  const pipeline = new Pipeline({
    ...parts,
    store: options.store,
    embedder: options.embedder,
    permissions,
    principalArn: identity.caller_arn,
    actionsOf: (type) => registry.forType(type)?.actions[type],
    batchSize: settings.batchSize,
  });
  let aliases: string[] | null = null;
  try {
    const open = plan.scopes.filter((scope) => {
      const finished = checkpoint?.finished(scope) ?? null;
      if (finished !== null) ledger.scopeCompleted({ ...finished, resumed: true });
      return finished === null;
    });
    try {
      const scopes = runScopes(open, plan, pipeline, parts);
      // Beside the scopes: where IAM cannot be reached, nothing waits for it but the end.
      const asking = aliasesOf(plan, ledger);
      await allOrStop<unknown>(parts.stop, [scopes, asking]);
      aliases = await asking;
      await pipeline.drain();
    } finally {
      await pipeline.close();
      await permissions?.flush?.();
    }
    await conclude(plan, aliases, permissions, ledger);
  } finally {
    permissions?.close?.();
  }
}

async function conclude(
  { session, identity }: AccountPlan,
  account_aliases: string[] | null,
  permissions: PermissionSource | null,
  ledger: ScanLedger,
): Promise<void> {
  if (session.ended) {
    const { code, kind, call, message } = session.ended;
    const where = { account_id: identity.account_id, region: null, service: null };
    ledger.error({ level: 'error', ...where, code, kind, message: `${call}: ${message}` });
  }
  if (permissions) reportPermissions(permissions, identity.account_id, ledger);
  // Of credentials that the CLI finds itself only the SDK, which finds the same, tells when they end.
  const endsAt = await permissions?.sessionEndsAt?.().catch(() => null);
  const context = withoutPartition(identity);
  const session_expires_at = identity.session_expires_at ?? endsAt?.toISOString() ?? null;
  ledger.account(
    session.account,
    context && { ...context, account_aliases, session_expires_at },
    session.ended !== null,
  );
}

async function runScopes(
  scopes: readonly Scope[],
  plan: AccountPlan,
  pipeline: Pipeline,
  parts: AccountRunParts,
): Promise<void> {
  const { registry, settings, stop, target } = parts;
  const scopeParts = {
    ...plan,
    ...parts,
    pipeline,
    wanted: target.wanted,
    owners: new Owners(),
    onStored: (end: ScopeEnd) => onStored(end, plan, parts),
  };
  const regions = pLimit(settings.concurrency.regions);
  const names = new Set(scopes.map(({ region }) => region));
  await allOrStop(
    stop,
    [...names].map((name) =>
      regions(() => {
        const services = pLimit(settings.concurrency.services);
        const ordered = scopes
          .filter(({ region }) => region === name)
          .map((scope) => ({ scope, scanner: registry.get(scope.service) }))
          .sort((a, b) => rank(a) - rank(b));
        return allOrStop(
          stop,
          ordered.map(({ scope, scanner }) => services(() => runScope(scope, scanner, scopeParts))),
        );
      }),
    ),
  );
}

/** Networks first: what lives in them waits for them. */
function rank({ scanner }: Pick<ScopeEnd, 'scanner'>): number {
  return Owners.comesFirst(scanner) ? 0 : 1;
}

/** Only what was read completely says what is gone, and is not read again by a scan that goes on from here. */
async function onStored(
  { report, scanner, typesWithoutRegion, gone: goneKeys }: ScopeEnd,
  plan: AccountPlan,
  { options, registry, target, ledger, checkpoint, signal }: AccountRunParts,
): Promise<void> {
  const { account_id, region, service, status } = report;
  const scope = { account_id, region, service };
  const { scanId: scan_id } = ledger;
  if (target.wanted !== null) {
    const scan = { scan_id, started_at: ledger.startedAt, signal };
    ledger.missing(scope, await markGone(options.store, goneKeys, scan));
    return;
  }
  if (status !== 'complete') return;
  const foreignTypes = new Set(
    scanner.resourceTypes.filter((type) => registry.forType(type)?.service !== service),
  );
  const regions = plan.narrowedTo;
  const gone = missingScopes({ scope, scanner, foreignTypes, regions, typesWithoutRegion });
  // A job may run on a machine whose clock is ahead: what was seen since the scan was planned is not missing.
  const planned = 'job' in target ? target.job.started_at : ledger.startedAt;
  const started_at = planned < ledger.startedAt ? planned : ledger.startedAt;
  ledger.missing(scope, await markMissing(options.store, gone, { scan_id, started_at, signal }));
  await checkpoint?.note(report);
}

function reportPermissions(source: PermissionSource, account_id: string, ledger: ScanLedger): void {
  ledger.iamCalls(source.calls);
  for (const message of source.problems ?? []) {
    const where = { account_id, region: null, service: null };
    const code = 'CACHE_UNREADABLE';
    ledger.error({ level: 'warning', ...where, code, kind: 'permissions', message });
  }
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
