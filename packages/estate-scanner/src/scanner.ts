import { randomUUID } from 'node:crypto';
import { type Account, type Organization } from './account.ts';
import { ScanError } from './errors.ts';
import type { ScanEvent } from './events.ts';
import { MemoryPermissionCache } from './iam/cache.ts';
import { resolveIamOptions } from './iam/options.ts';
import { PrincipalCache } from './iam/principal-cache.ts';
import { parseJob, type ScanJob, type ScanPlan } from './jobs/job.ts';
import { planOf } from './jobs/plan.ts';
import {
  type EstateScannerOptions,
  type JobOptions,
  type RefreshOptions,
  type ScanOptions,
  type ScanSelection,
  type Settings,
  type WatchOptions,
  resolveRhythm,
  resolveRunOptions,
  resolveSelection,
  resolveSettings,
} from './options.ts';
import type { PermissionSource } from './ports.ts';
import { ServiceScannerRegistry } from './registry.ts';
import type { ScanReport } from './report.ts';
import type { AccountSession } from './scan/account.ts';
import { type EventOutlet, reportFailures } from './scan/outlet.ts';
import type { ScanTarget } from './scan/plan.ts';
import { runScan, type ScanParts, withPlans } from './scan/run.ts';
import { selectionHash } from './scan/selection-hash.ts';
import { streamed } from './scan/stream.ts';
import { WantedKeys } from './scan/wanted-keys.ts';
import { type WatchOutcome, watchScans } from './scan/watch-scans.ts';
import { realClock } from './watch.ts';

/**
 * Finds the resources of AWS accounts through the AWS CLI, asks IAM what the caller may do to each, embeds them, and
 * hands them to a store. Scans may run side by side; the scanner itself holds nothing open.
 */
export class EstateScanner {
  readonly #options: EstateScannerOptions;
  readonly #settings: Readonly<Settings>;
  readonly #registry: ServiceScannerRegistry;
  /** What IAM said stays valid from one scan to the next, as long as its entries live. */
  readonly #permissionCache = new MemoryPermissionCache();
  readonly #principals = new PrincipalCache();

  /** @throws ScanError `INVALID_OPTIONS` with the path of what is wrong */
  constructor(options: EstateScannerOptions) {
    this.#options = options;
    this.#settings = resolveSettings(options);
    if (options.iam) resolveIamOptions(options.iam);
    this.#registry = options.registry ?? ServiceScannerRegistry.builtIn();
  }

  /**
   * Scans accounts, regions and services. What AWS refuses or cannot answer is in the report, not thrown.
   *
   * @throws ScanError `INVALID_OPTIONS`, `UNKNOWN_SERVICE`, `ABORTED`, `STORE_FAILED`, `CLI_NOT_FOUND`,
   *   `ENGINE_FAILED`; where a scan had begun, `details.report` is what had been done
   */
  async scan(options: ScanOptions = {}): Promise<ScanReport> {
    return reportFailures(options.onEvent, (outlet) =>
      runScan(this.#scanParts(options, outlet, signalOf(options))),
    );
  }

  /**
   * Scans, and yields what happens as it happens. The scan waits for a slow reader, and ends when the reader stops. Throws as
   * {@link scan}.
   */
  stream(options: Omit<ScanOptions, 'onEvent'> = {}): AsyncGenerator<ScanEvent, void> {
    const scan = async (outlet: EventOutlet, signal: AbortSignal) =>
      runScan(this.#scanParts(options, outlet, signal));
    return streamed(scan, signalOf(options));
  }

  /**
   * Scans now, and then periodically, until the signal aborts or the reader stops. Scans never overlap: the next one waits until the
   * reader asks for it. A scan that fails is an outcome, and the next one is made all the same. While a machine is suspended nothing is
   * scanned; what was missed is made up for by one scan.
   *
   * @throws ScanError `INVALID_OPTIONS`, `UNKNOWN_SERVICE`: what no later scan would do better
   */
  watch(options: WatchOptions): AsyncGenerator<WatchOutcome, void> {
    const { random = Math.random } = this.#options;
    const rhythm = {
      ...resolveRhythm(options),
      signal: signalOf(options),
      clock: realClock,
      random,
    };
    return watchScans(() => this.scan(options), rhythm);
  }

  /**
   * Scans just the resources with these keys, with as few calls as their services allow. `missing_keys` of the report are those that
   * are gone; the store marks them as missing, and no others. A resource that another account shares is looked for through an account that sees it.
   *
   * @throws ScanError as {@link scan}; `INVALID_OPTIONS` for what is no key
   */
  async refresh(keys: readonly string[], options: RefreshOptions = {}): Promise<ScanReport> {
    const { accounts, organization } = options;
    const selection = resolveSelection(withoutUndefined({ accounts, organization }));
    const wanted = new WantedKeys(keys, this.#registry);
    return reportFailures(options.onEvent, (outlet) =>
      runScan(this.#parts({ wanted }, selection, options, outlet, signalOf(options))),
    );
  }

  /**
   * Finds out which scopes a scan would go through, and makes a job of each: plain JSON without credentials, for any queue. Each is given
   * to {@link scanScope} of a scanner with the same registry, on whatever machine; `mergeReports` makes one report of theirs.
   *
   * @throws ScanError as {@link scan}
   */
  async planScan(options: ScanOptions = {}): Promise<ScanPlan> {
    const outlet: EventOutlet = { emit: () => undefined, ready: () => Promise.resolve() };
    const parts = this.#scanParts(options, outlet, signalOf(options));
    const { regions = [] } = 'selection' in parts.target ? parts.target.selection : {};
    return withPlans(parts, (scan) => planOf(scan, regions));
  }

  /**
   * Scans one scope of a planned scan. That the credentials belong to the job's account is checked each time. A job that is run twice
   * does no harm.
   *
   * @throws ScanError `INVALID_JOB`; otherwise as {@link scan}
   */
  async scanScope(job: ScanJob, options: JobOptions = {}): Promise<ScanReport> {
    const checked = parseJob(job);
    this.#registry.get(checked.scope.service);
    const { credentials } = options;
    const accounts = [{ ...checked.account, ...(credentials !== undefined && { credentials }) }];
    const selection = resolveSelection({ accounts });
    return reportFailures(options.onEvent, (outlet) =>
      runScan({
        ...this.#parts({ job: checked, wanted: null }, selection, {}, outlet, signalOf(options)),
        scanId: checked.scan_id,
      }),
    );
  }

  #scanParts(options: ScanOptions, outlet: EventOutlet, signal: AbortSignal): ScanParts {
    const asked = resolveSelection(withoutUndefined(options));
    // Who names accounts or an organization means those alone.
    const {
      accounts: _accounts,
      organization: _organization,
      ...defaults
    } = this.#settings.defaults;
    const selection = { ...defaults, ...asked };
    const scanners = selection.services
      ? [...new Set(selection.services)].map((service) => this.#registry.get(service))
      : this.#registry.list();
    const target: ScanTarget = { selection, scanners, wanted: null };
    const parts = this.#parts(target, selection, options, outlet, signal);
    const name = options.checkpoint;
    if (name === undefined) return parts;
    if (this.#options.checkpoints === undefined) {
      const message = `checkpoint "${name}" needs the option "checkpoints" of the scanner`;
      throw new ScanError('INVALID_OPTIONS', message);
    }
    const hash = selectionHash(selection, parts.accounts, scanners);
    return { ...parts, checkpoint: { name, selectionHash: hash } };
  }

  #parts(
    target: ScanTarget,
    selection: ScanSelection,
    options: ScanOptions,
    outlet: EventOutlet,
    signal: AbortSignal,
  ): ScanParts {
    const settings = this.#settings;
    const { accountConcurrency } = resolveRunOptions(withoutUndefined(options));
    return {
      options: this.#options,
      settings,
      registry: this.#registry,
      ...this.#whose(selection),
      accountConcurrency: accountConcurrency ?? settings.concurrency.accounts,
      target,
      outlet,
      signal,
      scanId: randomUUID(),
      checkpoint: null,
      permissions: (session) => this.#permissions(session),
    };
  }

  /** The default credentials stand for themselves only where neither accounts nor an organization are named. */
  #whose({ accounts, organization }: ScanSelection): {
    accounts: Account[];
    organization: Organization | undefined;
  } {
    if (accounts || organization) return { accounts: accounts ?? [], organization };
    const { defaults } = this.#settings;
    const members = defaults.organization;
    return { accounts: defaults.accounts ?? (members ? [] : [{}]), organization: members };
  }

  async #permissions({ account, credentials }: AccountSession): Promise<PermissionSource | null> {
    const { iam } = this.#options;
    if (iam === false) return null;
    // The IAM client is heavy to load: only who scans pays for it.
    const { PermissionEvaluator } = await import('./iam/simulate.ts');
    return new PermissionEvaluator(
      {
        cache: this.#permissionCache,
        ...iam,
        ...(account.profile !== undefined && { profile: account.profile }),
        ...(credentials !== null && { credentials }),
      },
      { principals: this.#principals },
    );
  }
}

function signalOf({ signal }: Pick<ScanOptions, 'signal'>): AbortSignal {
  return signal ?? new AbortController().signal;
}

/** An option that is there but undefined must not hide a default. */
function withoutUndefined(options: ScanOptions): ScanOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
