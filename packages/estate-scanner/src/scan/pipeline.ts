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
import type { ScanLedger } from './ledger.ts';
import type { EventOutlet } from './outlet.ts';
import { addPermissions } from './permissions.ts';
import type { PhaseClock } from './phases.ts';

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
}

/**
 * Takes the resources of one account through permissions, embedding and store, in batches. Whoever adds waits while
 * two batches are on their way: no more than those are in memory.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #waiting: Resource[] = [];
  readonly #running = new Set<Promise<void>>();
  #failure: unknown;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** @throws ScanError `STORE_FAILED`, `ABORTED`: of this or an earlier batch */
  async add(resource: Resource): Promise<void> {
    this.#check();
    this.#waiting.push(resource);
    while (this.#waiting.length >= this.#parts.batchSize) {
      if (this.#running.size < BATCHES) this.#start(this.#parts.batchSize);
      else await Promise.race(this.#running);
      this.#check();
    }
  }

  /** Takes the rest through and waits for all. Throws as {@link add}. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0 && this.#failure === undefined) {
      if (this.#running.size < BATCHES) this.#start(this.#parts.batchSize);
      else await Promise.race(this.#running);
    }
    await Promise.all(this.#running);
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #start(size: number): void {
    const batch = this.#waiting.splice(0, size);
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
      ? await clock.time('store', () => guard(store.get(keys)))
      : keys.map(() => null);
    const known = (await this.#withPermissions(batch)).map((resource, index) =>
      withHistory(resource, stored[index] ?? null),
    );
    const items = await this.#withVectors(known, stored);
    if (store) {
      ledger.stored(await clock.time('store', () => guard(store.upsert(items))));
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

async function guard<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ScanError('STORE_FAILED', `The store failed: ${message}`, { cause });
  }
}
