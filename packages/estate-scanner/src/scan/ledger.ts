import type { CallCounter } from '../aws/cli.ts';
import type { UserContext } from '../aws/identity.ts';
import type { UpsertResult } from '../ports.ts';
import type { AccountReport, ReportedError, ScanReport, ScopeReport } from '../report.ts';
import type { EventOutlet } from './outlet.ts';
import type { PhaseClock } from './phases.ts';

/** Keeps account of a scan: what the report is made of, and the events that tell of it meanwhile. */
export class ScanLedger {
  readonly scanId: string;
  readonly counter: CallCounter = { calls: 0, retries: 0 };
  readonly #startedAt: number;
  readonly #outlet: EventOutlet;
  readonly #clock: PhaseClock;
  readonly #now: () => number;
  readonly #accounts: AccountReport[] = [];
  readonly #scopes: ScopeReport[] = [];
  readonly #errors: ReportedError[] = [];
  readonly #counts = { discovered: 0, created: 0, changed: 0, unchanged: 0, embedded: 0 };
  #iamCalls = 0;
  #totalScopes = 0;
  #missing: string[] = [];

  constructor(parts: {
    scanId: string;
    outlet: EventOutlet;
    clock: PhaseClock;
    now: () => number;
  }) {
    this.scanId = parts.scanId;
    this.#outlet = parts.outlet;
    this.#clock = parts.clock;
    this.#now = parts.now;
    this.#startedAt = parts.now();
  }

  /** Scopes to come, for progress. */
  planned(scopes: readonly { account_id: string; region: string; service: string }[]): void {
    this.#totalScopes = scopes.length;
    this.#outlet.emit({ type: 'scan_started', scan_id: this.scanId, scopes: [...scopes] });
  }

  scopeCompleted(scope: ScopeReport): void {
    this.#scopes.push(scope);
    this.#outlet.emit({ type: 'scope_completed', ...scope });
    this.#outlet.emit({
      type: 'progress',
      completed: this.#scopes.length,
      total: this.#totalScopes,
      resources: this.#counts.discovered,
    });
  }

  error(error: ReportedError): void {
    this.#errors.push(error);
    this.#outlet.emit({ type: 'error', error });
  }

  discovered(): void {
    this.#counts.discovered += 1;
  }

  embedded(texts: number): void {
    this.#counts.embedded += texts;
  }

  stored(result: UpsertResult): void {
    this.#counts.created += result.created.length;
    this.#counts.changed += result.changed.length;
    this.#counts.unchanged += result.unchanged.length;
  }

  iamCalls(calls: number): void {
    this.#iamCalls += calls;
  }

  missing(keys: readonly string[]): void {
    this.#missing.push(...keys);
  }

  /** Notes how an account ended: by its scopes, or failed where none was planned. */
  account(profile: string | undefined, context: UserContext | null, ended: boolean): void {
    const scopes = this.#scopes.filter(({ account_id }) => account_id === context?.account_id);
    const status = context === null ? 'failed' : statusOf(scopes, ended);
    this.#accounts.push({
      account_id: context?.account_id ?? null,
      profile: profile ?? null,
      status,
      user_context: context,
    });
  }

  /**
   * The report as things stand.
   *
   * @param cutShort whether the scan did not come to its end: then it is never `complete`
   */
  report({ cutShort }: { cutShort: boolean }): ScanReport {
    const completedAt = this.#now();
    const failed = this.#accounts.some(({ status }) => status !== 'complete');
    const beside = this.#errors.some(({ level }) => level === 'error');
    return {
      scan_id: this.scanId,
      status: statusOf(this.#scopes, cutShort || failed || beside),
      started_at: new Date(this.#startedAt).toISOString(),
      completed_at: new Date(completedAt).toISOString(),
      duration_ms: Math.round(completedAt - this.#startedAt),
      accounts: this.#accounts,
      scopes: this.#scopes,
      counts: { ...this.#counts },
      aws_calls: this.counter.calls,
      iam_calls: this.#iamCalls,
      retries: this.counter.retries,
      phases_ms: {
        discover: this.#clock.totalMs('discover'),
        permissions: this.#clock.totalMs('permissions'),
        embed: this.#clock.totalMs('embed'),
        store: this.#clock.totalMs('store'),
      },
      errors: this.#errors,
      user_context:
        this.#accounts.find(({ user_context }) => user_context !== null)?.user_context ?? null,
      missing_keys: this.#missing,
    };
  }
}

/** Nothing read at all is `failed`; a region that is not enabled takes nothing away. */
function statusOf(scopes: readonly ScopeReport[], failed: boolean): ScanReport['status'] {
  const read = scopes.some(({ status }) => status === 'complete' || status === 'partial');
  const whole = scopes.every(({ status }) => status === 'complete' || status === 'skipped');
  if (whole && !failed) return 'complete';
  return read ? 'partial' : 'failed';
}
