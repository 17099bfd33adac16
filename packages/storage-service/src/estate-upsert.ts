import { setTimeout as delay } from 'node:timers/promises';
import type { EstateBackend } from './backends/backend.ts';
import { parseVector, type EmbeddingGuard } from './embedding-guard.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError, throwIfAborted } from './errors.ts';
import { planChange, writeOf, type EstateItem, type PlannedChange } from './estate-changes.ts';
import { EstateRecordInput, type EstateRecord } from './estate-record.ts';
import { openRecord } from './estate-sealing.ts';
import { eachInTurns, inTurns } from './in-turns.ts';
import { Turns } from './turns.ts';
import { checkList, parseInput, parseOptions } from './validation.ts';

/** A resource to store, with the vector of its text. */
export interface EstateUpsertItem {
  record: EstateRecordInput;
  /** Absent: keep the stored one; null: remove it. */
  vector?: readonly number[] | Float32Array | null;
}

/** What became of the resources of an upsert, as keys in their order. */
export interface EstateUpsertResult {
  created: string[];
  changed: string[];
  unchanged: string[];
}

/** So many are written at once: each transaction makes the indexes merge what it brings. */
const itemsPerWrite = 256;
/** Another process may change a resource between our look at it and our write. */
const maxAttempts = 30;

/** What an upsert works with. */
export interface UpsertParts {
  backend: EstateBackend;
  sealer: Sealer;
  guard: EmbeddingGuard;
}

/** An upsert under way. */
interface Run {
  items: readonly EstateUpsertItem[];
  now: string;
  signal: AbortSignal | undefined;
  /** What became of the items, by their places. */
  ends: ({ outcome: PlannedChange['outcome']; key: string } | undefined)[];
}

type PlacedItem = EstateItem & { place: number };

/** Validates, detects changes, seals and writes resources. */
export class EstateUpserter {
  readonly #parts: UpsertParts;
  /** Upserts of this process that met once do not meet again. */
  readonly #turns = new Turns();

  constructor(parts: UpsertParts) {
    this.#parts = parts;
  }

  async upsert(
    items: readonly EstateUpsertItem[],
    options: { signal?: AbortSignal },
  ): Promise<EstateUpsertResult> {
    const { signal } = parseOptions(options, 'upsert');
    checkList(items, 'items');
    const { rounds, vectors } = await this.#check(items);
    await this.#parts.guard.admit(vectors);
    const run: Run = {
      items,
      now: new Date().toISOString(),
      signal,
      ends: [],
    };
    for (const places of rounds) await this.#upsertRound(places, run);
    return resultOf(run.ends);
  }

  /**
   * Everything is checked before anything is written. What is made of an item goes at once, and is made again when its turn comes: a
   * large batch twice in memory would be carried around by each garbage collection.
   */
  async #check(items: readonly EstateUpsertItem[]): Promise<{
    /** The places of the items; a key that comes twice is written twice, in order. */
    rounds: number[][];
    /** The kinds of vectors there are. */
    vectors: { length: number; model: string | null }[];
  }> {
    const rounds: number[][] = [];
    const times = new Map<string, number>();
    const vectors = new Map<string, { length: number; model: string | null }>();
    await eachInTurns(items, (item, place) => {
      const { record, vector } = parseItem(item, place);
      const round = times.get(record.key) ?? 0;
      times.set(record.key, round + 1);
      (rounds[round] ??= []).push(place);
      if (!vector) return;
      const kind = { length: vector.length, model: record.embedding?.model ?? null };
      vectors.set(`${kind.length} ${kind.model}`, kind);
    });
    return { rounds, vectors: [...vectors.values()] };
  }

  /** One part is planned here while the one before is written over there. */
  async #upsertRound(places: readonly number[], run: Run): Promise<void> {
    let start = 0;
    const work = async () => {
      while (start < places.length) {
        throwIfAborted(run.signal);
        const part = places.slice(start, start + itemsPerWrite);
        start += itemsPerWrite;
        await this.#upsertSome(
          await inTurns(part, (place) => ({ ...parseItem(run.items[place], place), place })),
          run,
        );
      }
    };
    const ends = await Promise.allSettled([work(), work()]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #upsertSome(items: readonly PlacedItem[], run: Run): Promise<void> {
    let open = items;
    for (let attempt = 1; open.length > 0; attempt += 1) {
      // In step with the other process we would meet it each time.
      if (attempt > 2) await delay(Math.random() * 20 * attempt);
      if (attempt > maxAttempts) {
        throw new StorageError('STORE_BUSY', 'Others keep changing the same resources: try again.');
      }
      const remaining = open;
      const attemptNow = () => this.#tryUpsert(remaining, run);
      open = await (attempt === 1 ? attemptNow() : this.#turns.take(attemptNow));
    }
  }

  /** Returns the items that others changed meanwhile. */
  async #tryUpsert(items: readonly PlacedItem[], { now, ends }: Run): Promise<PlacedItem[]> {
    const { backend, sealer } = this.#parts;
    const digests = await backend.digests(items.map((item) => item.record.key));
    const changes = await inTurns(items, (item, index) =>
      planChange(item, digests[index] ?? null, now),
    );
    const before = await this.#recordsBefore(changes);
    const writes = await inTurns(changes, (change) =>
      writeOf(change, before.get(change.record.key) ?? null, sealer),
    );
    const conflicts = new Set(await backend.write(writes));
    return items.filter(({ place, record: { key } }, index) => {
      const outcome = changes[index]?.outcome;
      if (outcome !== undefined && !conflicts.has(key)) ends[place] = { outcome, key };
      return conflicts.has(key);
    });
  }

  /** The stored records of those that will change: their history says from what. */
  async #recordsBefore(changes: readonly PlannedChange[]): Promise<Map<string, EstateRecord>> {
    const { backend, sealer } = this.#parts;
    const changing = changes.filter((change) => change.outcome === 'changed');
    const stored = await backend.get(changing.map((change) => change.record.key));
    await sealer.prepare(stored);
    const records = new Map<string, EstateRecord>();
    for (const resource of stored) {
      if (resource === null) continue;
      try {
        records.set(resource.record.key, openRecord(resource, sealer));
      } catch (error) {
        // A damaged record must not keep a scan from writing it anew: its history has a gap then.
        if (!StorageError.is(error) || error.code !== 'DECRYPTION_FAILED') throw error;
      }
    }
    return records;
  }
}

function parseItem(item: unknown, index: number): EstateItem {
  // The type says otherwise: input from JavaScript does not.
  const { record: input, vector }: Partial<EstateUpsertItem> = Object(item);
  const record = parseInput(EstateRecordInput, input, `record ${index}`);
  if (vector === undefined || vector === null) return { record, vector };
  return { record, vector: parseVector(vector, `vector ${index}`) };
}

/** Parts end in any order; callers read keys in theirs. */
function resultOf(ends: Run['ends']): EstateUpsertResult {
  const result: EstateUpsertResult = { created: [], changed: [], unchanged: [] };
  for (const end of ends) if (end !== undefined) result[end.outcome].push(end.key);
  return result;
}
