import { randomUUID } from 'node:crypto';
import type { ScanEvent } from './events.ts';
import { MemoryPermissionCache } from './iam/cache.ts';
import { resolveIamOptions } from './iam/options.ts';
import { PrincipalCache } from './iam/principal-cache.ts';
import {
  type Account,
  type EstateScannerOptions,
  type RefreshOptions,
  type ScanOptions,
  type Settings,
  resolveSelection,
  resolveSettings,
} from './options.ts';
import type { PermissionSource } from './ports.ts';
import { ServiceScannerRegistry } from './registry.ts';
import type { ScanReport } from './report.ts';
import { EventStream } from './scan/event-stream.ts';
import { type EventOutlet, handlerOutlet } from './scan/outlet.ts';
import type { ScanTarget } from './scan/plan.ts';
import { runScan } from './scan/run.ts';
import { WantedKeys } from './scan/wanted-keys.ts';

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
    return this.#withHandler(options, (outlet, signal) => this.#scan(options, outlet, signal));
  }

  /**
   * Scans, and yields what happens as it happens. The scan waits for a slow reader, and ends when the reader stops. Throws as
   * {@link scan}.
   */
  async *stream(options: Omit<ScanOptions, 'onEvent'> = {}): AsyncGenerator<ScanEvent, void> {
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const events = new EventStream();
    const scanning = this.#scan(options, events, signal).finally(() => events.end());
    // Thrown below, once the events before it were read.
    scanning.catch(() => undefined);
    let finished = false;
    try {
      yield* events.read();
      finished = true;
    } finally {
      if (!finished) {
        stop.abort();
        events.end();
        await scanning.catch(() => undefined);
      }
    }
    await scanning;
  }

  /**
   * Scans just the resources with these keys, with as few calls as their services allow. `missing_keys` of the report are those that
   * are gone.
   *
   * @throws ScanError as {@link scan}; `INVALID_OPTIONS` for what is no key
   */
  async refresh(keys: readonly string[], options: RefreshOptions = {}): Promise<ScanReport> {
    const { accounts } = resolveSelection(pickAccounts(options));
    const wanted = new WantedKeys(keys, this.#registry);
    return this.#withHandler(options, (outlet, signal) =>
      this.#run({ wanted }, this.#accounts(accounts), outlet, signal),
    );
  }

  async #scan(options: ScanOptions, outlet: EventOutlet, signal: AbortSignal): Promise<ScanReport> {
    const selection = {
      ...this.#settings.defaults,
      ...resolveSelection(withoutUndefined(options)),
    };
    const scanners = selection.services
      ? [...new Set(selection.services)].map((service) => this.#registry.get(service))
      : this.#registry.list();
    const target: ScanTarget = { selection, scanners, wanted: null };
    return this.#run(target, this.#accounts(selection.accounts), outlet, signal);
  }

  #accounts(accounts: Account[] | undefined): Account[] {
    return accounts ?? this.#settings.defaults.accounts ?? [{}];
  }

  async #run(
    target: ScanTarget,
    accounts: readonly Account[],
    outlet: EventOutlet,
    signal: AbortSignal,
  ): Promise<ScanReport> {
    return runScan({
      options: this.#options,
      settings: this.#settings,
      registry: this.#registry,
      accounts,
      target,
      outlet,
      signal,
      scanId: randomUUID(),
      permissions: (account) => this.#permissions(account),
    });
  }

  async #permissions(account: Account): Promise<PermissionSource | null> {
    const { iam } = this.#options;
    if (iam === false) return null;
    // The IAM client is heavy to load: only who scans pays for it.
    const { PermissionEvaluator } = await import('./iam/simulate.ts');
    return new PermissionEvaluator(
      {
        cache: this.#permissionCache,
        ...iam,
        ...(account.profile !== undefined && { profile: account.profile }),
      },
      { principals: this.#principals },
    );
  }

  /** A handler that fails does not harm the scan; once the scan has ended, its first failure is thrown to the caller. */
  async #withHandler(
    options: Pick<ScanOptions, 'onEvent' | 'signal'>,
    work: (outlet: EventOutlet, signal: AbortSignal) => Promise<ScanReport>,
  ): Promise<ScanReport> {
    const failures: unknown[] = [];
    const outlet = handlerOutlet(options.onEvent, (error) => failures.push(error));
    const report = await work(outlet, options.signal ?? new AbortController().signal);
    if (failures.length === 0) return report;
    const [first] = failures;
    const message = first instanceof Error ? first.message : String(first);
    return {
      ...report,
      errors: [
        ...report.errors,
        {
          level: 'warning',
          account_id: null,
          region: null,
          service: null,
          code: 'HANDLER_FAILED',
          kind: 'handler',
          message: `onEvent failed ${failures.length} times, first: ${message}`,
        },
      ],
    };
  }
}

function pickAccounts({ accounts }: RefreshOptions): { accounts?: Account[] } {
  return accounts ? { accounts } : {};
}

/** An option that is there but undefined must not hide a default. */
function withoutUndefined(options: ScanOptions): ScanOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
