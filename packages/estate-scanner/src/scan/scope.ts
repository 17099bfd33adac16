import { setImmediate } from 'node:timers/promises';
import { AwsCallError, endsAccount } from '../aws/errors.ts';
import { throwIfAborted } from '../aws/abort.ts';
import type { Identity } from '../aws/identity.ts';
import { ScanError } from '../errors.ts';
import type { Settings } from '../options.ts';
import type { ReportedError, Scope, ScopeReport } from '../report.ts';
import type { ServiceScanner } from '../service-scanner.ts';
import type { AccountSession } from './account.ts';
import { createContext } from './context.ts';
import { Delivery } from './delivery.ts';
import type { ScanLedger } from './ledger.ts';
import type { Pipeline } from './pipeline.ts';
import type { EventOutlet } from './outlet.ts';
import { Owners } from './owners.ts';
import {
  asFailure,
  describeError,
  NOT_SHARED,
  notAResource,
  notVisible,
  statusOf,
} from './scope-status.ts';
import { toResource } from './to-resource.ts';
import type { WantedKeys } from './wanted-keys.ts';

/** Resources that are taken before the event loop gets its turn: a millisecond or two of work. */
const AT_ONE_GO = 25;

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
  owners: Owners;
  /** Called once everything that was found in a scope is stored. */
  onStored: (end: ScopeEnd) => Promise<void>;
  now: () => number;
}

/** How a scope ended, and what its list says about what is not there. */
export interface ScopeEnd {
  report: ScopeReport;
  scanner: ServiceScanner;
  /** Types of which something was found in no known region. */
  typesWithoutRegion: ReadonlySet<string>;
  /** Keys that a refresh asked for, and that AWS no longer has. */
  gone: readonly string[];
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
  const { session, pipeline, ledger, outlet, wanted, owners, now } = parts;
  const startedAt = now();
  const seen = new Set<string>();
  const typesWithoutRegion = new Set<string>();
  const delivery = new Delivery();
  const isFirst = Owners.comesFirst(scanner);
  const networksRead = isFirst ? owners.reading(scope) : () => undefined;
  const failures: AwsCallError[] = [];
  const report = (error: unknown, level: ReportedError['level'], message?: string): void =>
    ledger.error({
      ...scope,
      level,
      ...describeError(error),
      ...(message !== undefined && { message }),
    });

  outlet.emit({ type: 'scope_started', ...scope });
  let faults = 0;
  let yielded = 0;
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
      // What a scanner yields without waiting for anything would keep timers and signals from this process.
      if ((yielded += 1) % AT_ONE_GO === 0) await setImmediate();
      // Also for a scanner that does not look at the signal itself.
      throwIfAborted(parts.signal);
      try {
        if (typeof discovered !== 'object' || discovered === null) {
          throw notAResource(discovered, scanner);
        }
        owners.note(discovered, scope);
        if (!isFirst) await owners.ready(discovered, scope);
        const resource = toResource(discovered, {
          scope,
          scanner,
          scanId: ledger.scanId,
          seenAt: new Date(now()).toISOString(),
          owners,
        });
        if (resource.region === 'unknown') typesWithoutRegion.add(resource.resource_type);
        if (seen.has(resource.key) || wanted?.includes(resource.key) === false) continue;
        seen.add(resource.key);
        ledger.discovered();
        await pipeline.add(resource, delivery);
      } catch (error) {
        if (!ScanError.is(error) || error.code !== 'INVALID_SCANNER') throw error;
        faults += 1;
        report(error, 'error');
      }
    }
  } catch (error) {
    throwIfAborted(parts.signal);
    if (ScanError.is(error) && !['ABORTED', 'INVALID_SCANNER'].includes(error.code)) throw error;
    end = session.ended ?? asFailure(error, scanner);
  } finally {
    networksRead();
  }

  if (end !== null && AwsCallError.is(end)) {
    if (endsAccount(end.kind)) session.end(end);
    else if (end.kind === 'credentials') await session.stillWorks();
  }
  const unseen = wanted?.missing(scope, seen) ?? { gone: [], hidden: [] };
  const { hidden } = unseen;
  const reason = end ?? failures[0] ?? (hidden.length > 0 ? NOT_SHARED : null);
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
    duration_ms: Math.max(0, Math.round(now() - startedAt)),
    ...(reason !== null && { code: reason.code }),
  };
  const isRead = end === null && failures.length === 0 && faults === 0;
  const gone = unseen.gone.flatMap(({ key, resource_type }) =>
    isRead && !typesWithoutRegion.has(resource_type) ? key : [],
  );
  ledger.notFound(gone);
  if (isRead) for (const other of hidden) ledger.error(notVisible(other, scope));
  ledger.scopeCompleted(completed);
  pipeline.whenStored(delivery, () =>
    parts.onStored({ report: completed, scanner, typesWithoutRegion, gone }),
  );
}
