import type { CallCounter } from '../aws/cli.ts';
import type { UserContext } from '../aws/identity.ts';
import { type Account, expectedAccountId } from '../account.ts';
import type { UpsertResult } from '../ports.ts';
import type { AccountReport, ReportedError, ScanReport, Scope, ScopeReport } from '../report.ts';
import { statusOf } from '../report.ts';
import { Differences } from './differences.ts';
import type { EventOutlet } from './outlet.ts';
import type { PhaseClock } from './phases.ts';

/** What a report lists: a bucket that denies everything fails four times, and there may be ten thousand. */
const MOST_ERRORS = 1_000;

/** Keeps account of a scan: what the report is made of, and the events that tell of it meanwhile. */
export class ScanLedger {
  readonly scanId: string;
  readonly counter: CallCounter = { calls: 0, retries: 0 };
  readonly #startedAt: number;
  readonly #outlet: EventOutlet;
  readonly #clock: PhaseClock;
  readonly #now: () => number;
  readonly #accounts = new Map<Account, AccountReport>();
  #order: readonly Account[] = [];
  readonly #scopes: ScopeReport[] = [];
  readonly #errors: ReportedError[] = [];
  readonly #counts = {
    discovered: 0,
    created: 0,
    changed: 0,
    unchanged: 0,
    missing: 0,
    embedded: 0,
  };
  readonly differences = new Differences();
  #resumedFrom: string | null = null;
  #errorsOmitted = 0;
  #failures = 0;
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

  /** The accounts in the order in which the report has them, whichever ends first. */
  accountsInOrder(accounts: readonly Account[]): void {
    this.#order = accounts;
  }

  /** Scopes to come, for progress. */
  planned(scopes: readonly { account_id: string; region: string; service: string }[]): void {
    this.#totalScopes = scopes.length;
    this.#outlet.emit({ type: 'scan_started', scan_id: this.scanId, scopes: [...scopes] });
  }

  /** When the scan began, RFC 3339. */
  get startedAt(): string {
    return new Date(this.#startedAt).toISOString();
  }

  /** The interrupted scan that this one goes on from. */
  resumedFrom(scanId: string | null): void {
    this.#resumedFrom = scanId;
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
    if (error.level === 'error') this.#failures += 1;
    if (this.#errors.length < MOST_ERRORS) this.#errors.push(error);
    else this.#errorsOmitted += 1;
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
    this.differences.created(result.created);
  }

  iamCalls(calls: number): void {
    this.#iamCalls += calls;
  }

  /** Keys that a refresh asked for and did not find. */
  notFound(keys: readonly string[]): void {
    this.#missing.push(...keys);
  }

  /** Keys that the store has marked as missing in a scope. */
  missing(scope: Scope, keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#counts.missing += keys.length;
    this.differences.missing(keys);
    this.#outlet.emit({ type: 'missing', ...scope, keys: [...keys] });
  }

  /** Notes how an account ended: by its scopes, or failed where none was planned. */
  account(account: Account, context: UserContext | null, ended: boolean): void {
    const scopes = this.#scopes.filter(({ account_id }) => account_id === context?.account_id);
    const status = context === null ? 'failed' : statusOf(scopes, ended);
    this.#accounts.set(account, {
      account_id: context?.account_id ?? expectedAccountId(account) ?? null,
      profile: account.profile ?? null,
      role_arn: account.role_arn ?? null,
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
    const placeOf = (account: Account): number => this.#order.indexOf(account);
    const accounts = [...this.#accounts]
      .toSorted(([a], [b]) => placeOf(a) - placeOf(b))
      .map(([, account]) => account);
    const failed = accounts.some(({ status }) => status !== 'complete');
    const beside = this.#failures > 0;
    return {
      scan_id: this.scanId,
      resumed_from: this.#resumedFrom,
      status: statusOf(this.#scopes, cutShort || failed || beside),
      started_at: this.startedAt,
      completed_at: new Date(completedAt).toISOString(),
      // A clock that was set back makes no time negative.
      duration_ms: Math.max(0, Math.round(completedAt - this.#startedAt)),
      accounts,
      scopes: this.#scopes,
      counts: { ...this.#counts },
      differences: this.differences.report(),
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
      errors_omitted: this.#errorsOmitted,
      user_context:
        accounts.find(({ user_context }) => user_context !== null)?.user_context ?? null,
      missing_keys: this.#missing,
    };
  }
}
