import type { EstateBackend, StoredResource } from './backends/backend.ts';
import type { EmbeddingGuard } from './embedding-guard.ts';
import type { Embedder } from './embedder.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import { openHistory, type HistoryEntry } from './estate-history.ts';
import { EstateListing, type EstateListOptions, type EstatePage } from './estate-listing.ts';
import {
  markGone,
  type MarkGoneOptions,
  markMissing,
  type MarkMissingOptions,
  purgeMissing,
} from './estate-missing.ts';
import type { EstateRecord } from './estate-record.ts';
import { relatedResources, type RelatedOptions, type RelatedResource } from './estate-relations.ts';
import { openRecord } from './estate-sealing.ts';
import {
  searchEstate,
  type EstateSearchOptions,
  type EstateSearchResult,
} from './estate-search.ts';
import { EstateUpserter, type EstateUpsertItem, type EstateUpsertResult } from './estate-upsert.ts';
import type { Filter } from './filter/filter.ts';
import { inTurns } from './in-turns.ts';
import { checkName, parseLimit, parseOptions } from './validation.ts';

/** So many are opened at once before others get a turn on the event loop. */
const keysPerTurn = 100;

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
  readonly #upserter: EstateUpserter;
  readonly #open: (stored: StoredResource) => EstateRecord;

  constructor(parts: EstateParts) {
    this.#parts = parts;
    this.#open = (stored) => openRecord(stored, parts.sealer);
    this.#listing = new EstateListing(parts.backend, parts.sealer);
    this.#upserter = new EstateUpserter(parts);
  }

  /**
   * Stores resources. "unchanged" means the same content and permissions as stored: only `last_seen`, `scan_id` and
   * `permissions.evaluated_at` are refreshed. `first_seen` stays; a tombstone comes back to life.
   *
   * @throws StorageError `INVALID_INPUT`, `VECTOR_INVALID`, `EMBEDDING_MISMATCH` before anything is written; `ITEM_TOO_LARGE`,
   * `ABORTED`, `STORE_FULL` and other errors of the store leave what was written before in place: the same call again completes it
   */
  upsert(
    items: readonly EstateUpsertItem[],
    options: { signal?: AbortSignal } = {},
  ): Promise<EstateUpsertResult> {
    return this.#upserter.upsert(items, options);
  }

  /** The records of keys, in their order; null where there is none. Tombstones are among them. */
  async get(keys: readonly string[]): Promise<(EstateRecord | null)[]> {
    checkKeys(keys);
    const records: (EstateRecord | null)[] = [];
    for (let start = 0; start < keys.length; start += keysPerTurn) {
      const stored = await this.#parts.backend.get(keys.slice(start, start + keysPerTurn));
      await this.#parts.sealer.prepare(stored);
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

  /** What changed on a resource, the latest first; the 100 latest changes are kept. */
  async history(key: string, options: { limit?: number } = {}): Promise<HistoryEntry[]> {
    checkName(key, 'key');
    const limit = parseLimit(parseOptions(options, 'history').limit, 100, 1000);
    const stored = await this.#parts.backend.history(key, limit);
    await this.#parts.sealer.prepare(stored);
    return inTurns(stored, (entry) => openHistory(key, entry, this.#parts.sealer));
  }

  /**
   * The resources that a resource refers to, and those that refer to it.
   *
   * @throws StorageError `NOT_FOUND`, `INVALID_INPUT`
   */
  async related(key: string, options: RelatedOptions = {}): Promise<RelatedResource[]> {
    checkName(key, 'key');
    return relatedResources(key, options, this.#parts.backend, this.#parts.sealer);
  }

  /**
   * Marks what a complete scan of a scope no longer found. Lists and searches leave tombstones out, unless the filter names
   * `missing_since`; an upsert brings them back.
   *
   * @throws StorageError `INVALID_INPUT`, `ABORTED`
   */
  markMissing(options: MarkMissingOptions): Promise<{ missing: string[] }> {
    return markMissing(options, this.#parts.backend, this.#parts.sealer);
  }

  /**
   * Marks these keys alone: what somebody looked for by key, and is not there any more.
   *
   * @throws StorageError `INVALID_INPUT`, `ABORTED`
   */
  markGone(options: MarkGoneOptions): Promise<{ missing: string[] }> {
    return markGone(options, this.#parts.backend, this.#parts.sealer);
  }

  /** Removes for good what has been missing since before a time (RFC 3339); returns how many. */
  async purge(options: { missing_before: string }): Promise<number> {
    const { missing_before } = parseOptions(options, 'purge');
    return purgeMissing(missing_before, this.#parts.backend);
  }

  /** Removes resources for good, with vectors and history; returns how many there were. */
  async remove(keys: readonly string[]): Promise<number> {
    checkKeys(keys);
    return this.#parts.backend.remove(keys);
  }
}

function checkKeys(keys: readonly string[]): void {
  if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return;
  throw new StorageError('INVALID_INPUT', 'keys: expected a list of texts');
}
