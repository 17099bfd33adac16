import { setTimeout as delay } from 'node:timers/promises';
import type { EstateBackend } from './backends/backend.ts';
import { parseVector, type EmbeddingGuard } from './embedding-guard.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError, throwIfAborted } from './errors.ts';
import { planChange, writeOf, type EstateItem, type PlannedChange } from './estate-changes.ts';
import { EstateRecordInput, type EstateRecord } from './estate-record.ts';
import { openRecord } from './estate-sealing.ts';
import { inTurns } from './in-turns.ts';
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
    const parsed = await inTurns(items, parseItem);
    await this.#parts.guard.admit(
      parsed.flatMap(({ record, vector }) =>
        vector ? [{ length: vector.length, model: record.embedding?.model ?? null }] : [],
      ),
    );
    const result: EstateUpsertResult = { created: [], changed: [], unchanged: [] };
    const now = new Date().toISOString();
    for (const round of distinctRounds(parsed)) await this.#upsertRound(round, result, now, signal);
    return inOrder(items, result);
  }

  /** One part is planned here while the one before is written over there. */
  async #upsertRound(
    items: readonly EstateItem[],
    result: EstateUpsertResult,
    now: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    let start = 0;
    const work = async () => {
      while (start < items.length) {
        throwIfAborted(signal);
        const part = items.slice(start, start + itemsPerWrite);
        start += itemsPerWrite;
        await this.#upsertSome(part, result, now);
      }
    };
    const ends = await Promise.allSettled([work(), work()]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #upsertSome(
    items: readonly EstateItem[],
    result: EstateUpsertResult,
    now: string,
  ): Promise<void> {
    let open = items;
    for (let attempt = 1; open.length > 0; attempt += 1) {
      // In step with the other process we would meet it each time.
      if (attempt > 2) await delay(Math.random() * 20 * attempt);
      if (attempt > maxAttempts) {
        throw new StorageError('STORE_BUSY', 'Others keep changing the same resources: try again.');
      }
      const remaining = open;
      const attemptNow = () => this.#tryUpsert(remaining, result, now);
      open = await (attempt === 1 ? attemptNow() : this.#turns.take(attemptNow));
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
    const changes = await inTurns(items, (item, index) =>
      planChange(item, digests[index] ?? null, now),
    );
    const before = await this.#recordsBefore(changes);
    const writes = await inTurns(changes, (change) =>
      writeOf(change, before.get(change.record.key) ?? null, sealer),
    );
    const conflicts = new Set(await backend.write(writes));
    for (const { outcome, record } of changes) {
      if (!conflicts.has(record.key)) result[outcome].push(record.key);
    }
    return items.filter((item) => conflicts.has(item.record.key));
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

function parseItem(item: EstateUpsertItem, index: number): EstateItem {
  // The type says otherwise: input from JavaScript does not.
  const { record: input, vector }: Partial<EstateUpsertItem> = Object(item);
  const record = parseInput(EstateRecordInput, input, `record ${index}`);
  if (vector === undefined || vector === null) return { record, vector };
  return { record, vector: parseVector(vector, `vector ${index}`) };
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

/** Parts end in any order; callers read keys in theirs. */
function inOrder(
  items: readonly EstateUpsertItem[],
  result: EstateUpsertResult,
): EstateUpsertResult {
  const places = new Map(items.map((item, index) => [item.record.key, index]));
  const placeOf = (key: string) => places.get(key) ?? 0;
  const sorted = (keys: string[]) => keys.sort((a, b) => placeOf(a) - placeOf(b));
  return {
    created: sorted(result.created),
    changed: sorted(result.changed),
    unchanged: sorted(result.unchanged),
  };
}
