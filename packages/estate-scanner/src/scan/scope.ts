import { AwsCallError, type AwsErrorKind, endsAccount } from '../aws/errors.ts';
import { throwIfAborted } from '../aws/abort.ts';
import type { Identity } from '../aws/identity.ts';
import { ScanError } from '../errors.ts';
import type { Settings } from '../options.ts';
import type { ReportedError, Scope, ScopeReport, ScopeStatus } from '../report.ts';
import type { ServiceScanner } from '../service-scanner.ts';
import type { AccountSession } from './account.ts';
import { createContext } from './context.ts';
import type { ScanLedger } from './ledger.ts';
import type { Pipeline } from './pipeline.ts';
import type { EventOutlet } from './outlet.ts';
import { toResource } from './to-resource.ts';
import type { WantedKeys } from './wanted-keys.ts';

/** What the scopes of an account share. */
export interface ScopeParts {
  session: AccountSession;
  identity: Identity;
  home: string | undefined;
  settings: Readonly<Settings>;
  pipeline: Pipeline;
  ledger: ScanLedger;
  outlet: EventOutlet;
  /** The caller's signal: without the account's own end. */
  signal: AbortSignal;
  includesRegion: (region: string) => boolean;
  /** Null in a scan of everything. */
  wanted: WantedKeys | null;
  now: () => number;
}

/**
 * Runs one scanner in one account and region. Whatever AWS answers becomes the status of the scope.
 *
 * @throws ScanError `ABORTED`, `STORE_FAILED`, `CLI_NOT_FOUND`: what ends the whole scan
 */
export async function runScope(
  scope: Scope,
  scanner: ServiceScanner,
  parts: ScopeParts,
): Promise<void> {
  const { session, pipeline, ledger, outlet, wanted, now } = parts;
  const startedAt = now();
  const seen = new Set<string>();
  const failures: AwsCallError[] = [];
  const report = (error: unknown, level: ReportedError['level'], message?: string): void =>
    ledger.error({
      ...scope,
      level,
      ...describe(error),
      ...(message !== undefined && { message }),
    });

  outlet.emit({ type: 'scope_started', ...scope });
  let faults = 0;
  let end: AwsCallError | ScanError | null = session.ended;
  try {
    throwIfAborted(parts.signal);
    const context = createContext({
      scope,
      session,
      identity: parts.identity,
      home: parts.home,
      itemsPerCall: parts.settings.itemsPerCall,
      maxResources: parts.settings.concurrency.resources,
      signal: session.signal,
      includesRegion: parts.includesRegion,
      wanted: (type) => wanted?.ids(scope, type) ?? null,
      onListFailed: (error) => {
        failures.push(error);
        report(error, 'error');
      },
      onWarning: (error, message) => report(error, 'warning', `${message} (${error.message})`),
    });
    const found = end === null ? scanner.scan(context) : [];
    for await (const discovered of found) {
      try {
        const resource = toResource(discovered, {
          scope,
          scanner,
          scanId: ledger.scanId,
          seenAt: new Date(now()).toISOString(),
        });
        if (seen.has(resource.key) || wanted?.includes(resource.key) === false) continue;
        seen.add(resource.key);
        ledger.discovered();
        await pipeline.add(resource);
      } catch (error) {
        if (!ScanError.is(error) || error.code !== 'INVALID_SCANNER') throw error;
        faults += 1;
        report(error, 'error');
      }
    }
  } catch (error) {
    throwIfAborted(parts.signal);
    if (ScanError.is(error) && error.code !== 'ABORTED') throw error;
    end = session.ended ?? asFailure(error, scanner);
  }

  if (end !== null && AwsCallError.is(end)) {
    if (endsAccount(end.kind)) session.end(end);
    else if (end.kind === 'credentials') await session.stillWorks();
  }
  const reason = end ?? failures[0] ?? null;
  const status = statusOf(scope, reason, {
    resources: seen.size,
    faults,
    ended: session.ended !== null,
  });
  if (end !== null && end !== session.ended)
    report(end, status === 'skipped' ? 'warning' : 'error');
  const completed: ScopeReport = {
    ...scope,
    status,
    resources: seen.size,
    duration_ms: Math.round(now() - startedAt),
    ...(reason !== null && { code: reason.code }),
  };
  if (status === 'complete') ledger.missing(wanted?.missing(scope, seen) ?? []);
  ledger.scopeCompleted(completed);
}

function statusOf(
  scope: Scope,
  reason: AwsCallError | ScanError | null,
  found: { resources: number; faults: number; ended: boolean },
): ScopeStatus {
  if (reason === null) return found.faults > 0 ? 'partial' : 'complete';
  if (found.resources > 0) return 'partial';
  if (found.ended || !AwsCallError.is(reason)) return 'failed';
  const byKind: Partial<Record<AwsErrorKind, ScopeStatus>> = {
    denied: 'denied',
    not_enabled: 'skipped',
    connection: 'unavailable',
    // STS works, so it is this region that does not know the account: it is not enabled.
    ...(scope.region !== 'global' && { credentials: 'skipped' }),
  };
  return byKind[reason.kind] ?? 'failed';
}

function describe(error: unknown): Pick<ReportedError, 'code' | 'kind' | 'message' | 'scp'> {
  if (AwsCallError.is(error)) {
    const { code, kind, call, message, scp } = error;
    return { code, kind, message: `${call}: ${message}`, ...(scp && { scp }) };
  }
  const code = ScanError.is(error) ? error.code : 'INVALID_SCANNER';
  return { code, kind: 'scanner', message: error instanceof Error ? error.message : String(error) };
}

/** A scanner that throws something of its own is a fault of that scanner, and of its scope alone. */
function asFailure(error: unknown, scanner: ServiceScanner): AwsCallError | ScanError {
  if (AwsCallError.is(error) || ScanError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ScanError(
    'INVALID_SCANNER',
    `service scanner "${scanner.service}" failed: ${message}`,
    {
      cause: error,
    },
  );
}
