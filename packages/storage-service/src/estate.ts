import { setTimeout as delay } from 'node:timers/promises';
import type { EstateBackend, StoredResource } from './backends/backend.ts';
import { checkVector, type EmbeddingGuard } from './embedding-guard.ts';
import type { Embedder } from './embedder.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError, throwIfAborted } from './errors.ts';
import { attributesContext, planWrite, type EstateItem } from './estate-changes.ts';
import { EstateListing, type EstateListOptions, type EstatePage } from './estate-listing.ts';
import { EstateRecordInput, type EstateRecord } from './estate-record.ts';
import {
  searchEstate,
  type EstateSearchOptions,
  type EstateSearchResult,
} from './estate-search.ts';
import type { Filter } from './filter/filter.ts';
import { JsonObject } from './json.ts';
import { Turns } from './turns.ts';
import { parseInput } from './validation.ts';

/** A resource to store, with the vector of its text. */
export interface EstateUpsertItem {
  record: EstateRecordInput;
  /** Absent: keep the stored vector; null: remove it. */
  vector?: readonly number[] | Float32Array | null;
}

/** What became of the resources of an upsert, as keys in their order. */
export interface EstateUpsertResult {
  created: string[];
  changed: string[];
  unchanged: string[];
}

/** So many are sealed at once before others get a turn on the event loop. */
const itemsPerTurn = 100;
/** Another process may change a resource between our look at it and our write. */
const maxAttempts = 30;

/** The parts that a collection is made of. */
export interface EstateParts {
  backend: EstateBackend;
  sealer: Sealer;
  guard: EmbeddingGuard;
  embedder: Embedder | null;
}

/** The estate: one record for each resource, found by key, filter, words and meaning. */
export class EstateCollection {
  readonly #parts: EstateParts;
  readonly #listing: EstateListing;
  /** Upserts of this process do not make conflicts for each other. */
  readonly #turns = new Turns();

  constructor(parts: EstateParts) {
    this.#parts = parts;
    this.#listing = new EstateListing(parts.backend, (stored) => this.#open(stored));
  }

  /**
   * Stores resources. "unchanged" means the same content and permissions as stored: only `last_seen`, `scan_id` and
   * `permissions.evaluated_at` are refreshed. `first_seen` stays; a tombstone comes back to life.
   *
   * @throws StorageError `INVALID_INPUT`, `VECTOR_INVALID`, `EMBEDDING_MISMATCH`, `ITEM_TOO_LARGE`, `ABORTED`; nothing
   * is written then, except that an abort leaves what was already done
   */
  async upsert(
    items: readonly EstateUpsertItem[],
    options: { signal?: AbortSignal } = {},
  ): Promise<EstateUpsertResult> {
    const parsed: EstateItem[] = [];
    for (const [index, item] of items.entries()) {
      if (index % itemsPerTurn === itemsPerTurn - 1) await nextTurn();
      parsed.push(parseItem(item, index));
    }
    await this.#parts.guard.admit(
      parsed.flatMap(({ record, vector }) =>
        vector ? [{ length: vector.length, model: record.embedding?.model ?? null }] : [],
      ),
    );
    const result: EstateUpsertResult = { created: [], changed: [], unchanged: [] };
    for (const round of distinctRounds(parsed))
      await this.#upsertRound(round, result, options.signal);
    return result;
  }

  async #upsertRound(
    items: readonly EstateItem[],
    result: EstateUpsertResult,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const now = new Date().toISOString();
    for (let start = 0; start < items.length; start += itemsPerTurn) {
      throwIfAborted(signal);
      let open: readonly EstateItem[] = items.slice(start, start + itemsPerTurn);
      for (let attempt = 1; open.length > 0; attempt += 1) {
        // In step with the other process we would meet it each time.
        if (attempt > 2) await delay(Math.random() * 20 * attempt);
        if (attempt > maxAttempts) {
          throw new StorageError(
            'STORE_BUSY',
            'Others keep changing the same resources: try again.',
          );
        }
        const items = open;
        open = await this.#turns.take(() => this.#tryUpsert(items, result, now));
      }
    }
  }

  /** Returns the items that others changed meanwhile. */
  async #tryUpsert(
    items: readonly EstateItem[],
    result: EstateUpsertResult,
    now: string,
  ): Promise<EstateItem[]> {
    const { backend, sealer } = this.#parts;
    const digests = await backend.digests(items.map((item) => item.record.key));
    const planned = items.map((item, index) =>
      planWrite(item, digests[index] ?? null, sealer, now),
    );
    const conflicts = new Set(await backend.write(planned.map((plan) => plan.write)));
    for (const { outcome, write } of planned) {
      if (!conflicts.has(write.key)) result[outcome].push(write.key);
    }
    return items.filter((item) => conflicts.has(item.record.key));
  }

  /** The records of keys, in their order; null where there is none. Tombstones are among them. */
  async get(keys: readonly string[]): Promise<(EstateRecord | null)[]> {
    if (!keys.every((key) => typeof key === 'string')) {
      throw new StorageError('INVALID_INPUT', 'keys: expected a list of texts');
    }
    const records: (EstateRecord | null)[] = [];
    for (let start = 0; start < keys.length; start += itemsPerTurn) {
      const stored = await this.#parts.backend.get(keys.slice(start, start + itemsPerTurn));
      records.push(...stored.map((resource) => (resource === null ? null : this.#open(resource))));
    }
    return records;
  }

  /**
   * A page of records that meet a filter. `cursor` of the page goes on behind it, also when records come and go meanwhile.
   *
   * @throws StorageError `FILTER_INVALID`, `UNKNOWN_FIELD`, `CURSOR_INVALID`, `INVALID_INPUT`
   */
  list(options: EstateListOptions = {}): Promise<EstatePage> {
    return this.#listing.list(options);
  }

  /** How many records meet a filter. */
  count(filter?: Filter | null): Promise<number> {
    return this.#listing.count(filter);
  }

  /** The values of an indexed field among the records that meet a filter, most frequent first. */
  facets(
    field: string,
    filter?: Filter | null,
    options: { limit?: number } = {},
  ): Promise<{ value: string; count: number }[]> {
    return this.#listing.facets(field, filter, options);
  }

  /**
   * The records that fit a text or a vector best.
   *
   * @throws StorageError `EMBEDDER_MISSING` (semantic mode with neither embedder nor vector), `EMBEDDING_MISMATCH`,
   * `VECTOR_INVALID`, `FILTER_INVALID`, `UNKNOWN_FIELD`, `INVALID_INPUT`, `ABORTED`
   */
  search(options: EstateSearchOptions): Promise<EstateSearchResult[]> {
    return searchEstate(options, this.#parts, (keys) => this.get(keys));
  }

  #open(stored: StoredResource): EstateRecord {
    const { key } = stored.record;
    const text = this.#parts.sealer.open(stored.sealed, attributesContext(key));
    const attributes = JsonObject.safeParse(JSON.parse(text));
    if (!attributes.success) {
      throw new StorageError('STORE_CORRUPT', `estate ${key}: the attributes have another shape.`);
    }
    return { ...stored.record, attributes: attributes.data };
  }
}

function parseItem(item: EstateUpsertItem, index: number): EstateItem {
  const record = parseInput(EstateRecordInput, item.record, `record ${index}`);
  const { vector } = item;
  if (vector === undefined || vector === null) return { record, vector };
  const values = vector instanceof Float32Array ? vector : Float32Array.from(vector);
  checkVector(values, `vector ${index}`);
  return { record, vector: values };
}

/** A key that comes twice is written twice, in order. */
function distinctRounds(items: readonly EstateItem[]): EstateItem[][] {
  const rounds: EstateItem[][] = [];
  const times = new Map<string, number>();
  for (const item of items) {
    const round = times.get(item.record.key) ?? 0;
    times.set(item.record.key, round + 1);
    (rounds[round] ??= []).push(item);
  }
  return rounds;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
