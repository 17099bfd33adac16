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
import { addVectors } from './embedding.ts';
import { Gathering } from './gathering.ts';
import type { ScanLedger } from './ledger.ts';
import type { EventOutlet } from './outlet.ts';
import { addPermissions } from './permissions.ts';
import type { PhaseClock } from './phases.ts';
import { storedAt, storeItems } from './storing.ts';

/** Batches on their way at once: one may ask IAM while another is embedded or stored. */
const BATCHES = 2;

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
}

/**
 * Takes the resources of one account through permissions, embedding and store, in batches. Whoever adds waits while
 * two batches are on their way: no more than those and what a {@link Gathering} holds are in memory.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #gathering: Gathering;
  readonly #running = new Set<Promise<void>>();
  #failure: unknown;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    const { batchSize, permissions, now } = parts;
    this.#gathering = new Gathering({ batchSize, byType: permissions !== null, now });
  }

  /** @throws ScanError `STORE_FAILED`, `ABORTED`: of this or an earlier batch */
  async add(resource: Resource): Promise<void> {
    this.#check();
    this.#gathering.add(resource);
    await this.#startAll(() => this.#gathering.takeDue());
  }

  /** Takes the rest through and waits for all. Throws as {@link add}. */
  async drain(): Promise<void> {
    try {
      await this.#startAll(() => this.#gathering.takeRest());
    } finally {
      await Promise.all(this.#running);
    }
    this.#check();
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
    const running = this.#process(batch)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #process(batch: readonly Resource[]): Promise<void> {
    const { store, clock, ledger, outlet } = this.#parts;
    const keys = batch.map(({ key }) => key);
    const stored = store
      ? await clock.time('store', () => storedAt(store, keys))
      : keys.map(() => null);
    const known = (await this.#withPermissions(batch)).map((resource, index) =>
      withHistory(resource, stored[index] ?? null),
    );
    const items = await this.#withVectors(known, stored);
    if (store) {
      ledger.stored(await clock.time('store', () => storeItems(store, items)));
    }
    await outlet.ready();
    for (const { record } of items) outlet.emit({ type: 'resource', resource: record });
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

/** What earlier scans know about it: when it was first seen, who else sees it, what its stored vector was made from. */
function withHistory(resource: Resource, stored: StoredResource | null): Resource {
  const visible = new Set([...(stored?.visible_from ?? []), ...resource.visible_from]);
  return {
    ...resource,
    first_seen: stored?.first_seen ?? resource.first_seen,
    visible_from: [...visible].sort(),
    embedding: stored?.embedding ?? null,
  };
}
