import { setTimeout as sleep } from 'node:timers/promises';
import { ScanError } from '../errors.ts';
import type {
  Embedder,
  EstateItem,
  EstateStore,
  PermissionSource,
  StoredResource,
} from '../ports.ts';
import type { Resource } from '../resource.ts';
import type { TypeActions } from '../service-scanner.ts';
import type { Delivery } from './delivery.ts';
import { type Change, changedFields, changesOf } from './differences.ts';
import { addVectors } from './embedding.ts';
import { Gathering, LONGEST_WAIT_MS } from './gathering.ts';
import type { ScanLedger } from './ledger.ts';
import type { EventOutlet } from './outlet.ts';
import { addPermissions } from './permissions.ts';
import type { PhaseClock } from './phases.ts';
import { withHistory } from './shared.ts';
import type { Sightings } from './sightings.ts';
import { storedAt, storeItems } from './storing.ts';

/** Batches on their way at once: one may ask IAM while another is embedded or stored. */
const BATCHES = 2;
/** What is being stored when a scan ends early has this long to arrive. */
const CLOSING_MS = 5_000;

export interface PipelineParts {
  store: EstateStore | undefined;
  embedder: Embedder | undefined;
  permissions: PermissionSource | null;
  principalArn: string;
  actionsOf: (resourceType: string) => TypeActions | undefined;
  batchSize: number;
  clock: PhaseClock;
  ledger: ScanLedger;
  outlet: EventOutlet;
  signal: AbortSignal;
  now: () => number;
  /** Who sees what, where several accounts are scanned at once. */
  sightings?: Sightings;
}

/**
 * Takes the resources of one account through permissions, embedding and store, in batches. Whoever adds waits while
 * two batches are on their way: no more than those and what a {@link Gathering} holds are in memory.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #gathering: Gathering;
  readonly #running = new Set<Promise<void>>();
  /** Work that waits for nothing but a scope's resources: it takes no place of a batch. */
  readonly #afterwards = new Set<Promise<void>>();
  readonly #deliveries = new WeakMap<Resource, Delivery>();
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    const { batchSize, permissions, now } = parts;
    this.#gathering = new Gathering({ batchSize, byType: permissions !== null, now });
  }

  /** @throws ScanError `STORE_FAILED`, `ABORTED`: of this or an earlier batch */
  async add(resource: Resource, delivery?: Delivery): Promise<void> {
    this.#check();
    if (delivery !== undefined) {
      delivery.sent();
      this.#deliveries.set(resource, delivery);
    }
    this.#gathering.add(resource);
    this.#watchTheClock();
    await this.#startAll(() => this.#gathering.takeDue());
  }

  /** Does something once all resources of a delivery are stored; {@link drain} waits for it, and throws what it throws. */
  whenStored(delivery: Delivery, work: () => Promise<void>): void {
    delivery.close(() => this.#run(work, this.#afterwards));
  }

  /** Takes the rest through and waits for all. Throws as {@link add}. */
  async drain(): Promise<void> {
    try {
      await this.#startAll(() => this.#gathering.takeRest());
    } finally {
      clearTimeout(this.#timer);
      await Promise.all(this.#running);
      await Promise.all(this.#afterwards);
    }
    this.#check();
  }

  /** Starts nothing any more, and gives what is on its way a moment to arrive: whoever aborts does not wait for a store that hangs. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#failure ??= new ScanError('ABORTED', 'The scan has ended.');
    const moment = new AbortController();
    const arrived = Promise.all([...this.#running, ...this.#afterwards]);
    await Promise.race([
      arrived.then(() => moment.abort()),
      sleep(CLOSING_MS, undefined, { signal: moment.signal }).catch(() => undefined),
    ]);
  }

  /** What has waited long enough goes on also while nothing new is found: a scope is finished when all of it is stored. */
  #watchTheClock(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      while (this.#running.size < BATCHES && this.#failure === undefined) {
        const batch = this.#gathering.takeDue();
        if (batch === null) break;
        this.#start(batch);
      }
      if (this.#gathering.size > 0 && this.#failure === undefined) this.#watchTheClock();
    }, LONGEST_WAIT_MS).unref();
  }

  async #startAll(next: () => Resource[] | null): Promise<void> {
    for (;;) {
      while (this.#running.size >= BATCHES) await Promise.race(this.#running);
      this.#check();
      const batch = next();
      if (batch === null) return;
      this.#start(batch);
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #start(batch: readonly Resource[]): void {
    this.#run(() => this.#process(batch), this.#running);
  }

  #run(work: () => Promise<void>, among: Set<Promise<void>>): void {
    const running = work()
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => among.delete(running));
    among.add(running);
  }

  async #process(batch: readonly Resource[]): Promise<void> {
    const { store, clock, outlet, sightings } = this.#parts;
    const keys = batch.map(({ key }) => key);
    const stored = store
      ? await clock.time('store', () => storedAt(store, keys))
      : keys.map(() => null);
    const known = (await this.#withPermissions(batch)).map((resource, index) =>
      withHistory(resource, stored[index] ?? null),
    );
    const made = await this.#withVectors(known, stored);
    const items = sightings?.complete(made) ?? made;
    const changes = await this.#store(items, stored);
    for (const resource of batch) this.#deliveries.get(resource)?.arrived();
    await outlet.ready();
    for (const [index, { record }] of items.entries()) {
      const change = changes.get(record.key) ?? null;
      const changed_fields =
        change === 'changed' ? fieldsChanged(stored[index] ?? null, record) : [];
      outlet.emit({ type: 'resource', resource: record, change, changed_fields });
    }
  }

  async #store(
    items: EstateItem[],
    stored: readonly (StoredResource | null)[],
  ): Promise<Map<string, Change>> {
    const { store, clock, ledger } = this.#parts;
    if (store === undefined) return new Map();
    const result = await clock.time('store', () => storeItems(store, items));
    const changes = changesOf(result);
    ledger.stored(result);
    for (const [index, { record }] of items.entries()) {
      if (changes.get(record.key) !== 'changed') continue;
      ledger.differences.changed(record.key, fieldsChanged(stored[index] ?? null, record));
    }
    return changes;
  }

  async #withPermissions(batch: readonly Resource[]): Promise<readonly Resource[]> {
    const { permissions, principalArn, actionsOf, clock, signal } = this.#parts;
    if (permissions === null) return batch;
    return clock.time('permissions', () =>
      addPermissions(batch, permissions, principalArn, actionsOf, signal),
    );
  }

  /** A failing embedder costs the vectors, not the resources: they are embedded by the next scan. */
  async #withVectors(
    batch: readonly Resource[],
    stored: readonly (StoredResource | null)[],
  ): Promise<EstateItem[]> {
    const { embedder, clock, ledger, signal } = this.#parts;
    if (!embedder) return batch.map((record) => ({ record }));
    try {
      const { items, embedded } = await clock.time('embed', () =>
        addVectors(batch, stored, embedder, signal),
      );
      ledger.embedded(embedded);
      return items;
    } catch (error) {
      if (signal.aborted) throw error;
      ledger.error({
        level: 'error',
        account_id: batch[0]?.account_id ?? null,
        region: null,
        service: null,
        code: ScanError.is(error) ? error.code : 'EMBEDDER_FAILED',
        kind: 'embedding',
        message: `${batch.length} resources have no new vector: ${error instanceof Error ? error.message : String(error)}`,
      });
      return batch.map((record) => ({ record }));
    }
  }
}

function fieldsChanged(before: StoredResource | null, after: Resource): string[] {
  return before === null ? [] : changedFields(before, after);
}
