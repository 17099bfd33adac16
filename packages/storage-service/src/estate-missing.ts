import { z } from 'zod';
import type { EstateBackend, ResourceWrite, StoredResource } from './backends/backend.ts';
import { resourcePages } from './backends/pages.ts';
import type { Sealer } from './encryption/sealer.ts';
import { throwIfAborted } from './errors.ts';
import { sealHistory } from './estate-history.ts';
import { permissionsHash } from './estate-record.ts';
import type { Filter } from './filter/filter.ts';
import { inTurns } from './in-turns.ts';
import { Time } from './time.ts';
import { parseInput, parseOptions } from './validation.ts';

/** What a scan covered completely. Without region or service: all of them. */
const Scope = z.object({
  account_id: z.string().min(1),
  region: z.string().min(1).nullish(),
  service: z.string().min(1).nullish(),
  resource_type: z.string().min(1).nullish(),
});

const MarkMissing = z.object({
  scope: Scope,
  scan_id: z.string().min(1),
  started_at: Time.nullish(),
});

/** Which resources to mark. */
export interface MarkMissingOptions {
  /** Must have been scanned completely: whatever a failed scan did not see would be marked too. */
  scope: z.infer<typeof Scope>;
  /** The scan; resources that it saw carry its id. */
  scan_id: string;
  /** When the scan began: what someone else saw since then is not missing. */
  started_at?: string | null;
  signal?: AbortSignal;
}

const MarkGone = z.object({
  keys: z.array(z.string().min(1)),
  scan_id: z.string().min(1),
  started_at: Time.nullish(),
});

/** Which keys to mark. */
export interface MarkGoneOptions {
  /** Somebody looked for exactly these, and they are not there any more. */
  keys: readonly string[];
  /** The scan that looked. */
  scan_id: string;
  /** When the scan began: what someone else saw since then is not missing. */
  started_at?: string | null;
  signal?: AbortSignal;
}

/** What one call marks, and when. */
interface Marking {
  at: string;
  scan_id: string;
  backend: EstateBackend;
  sealer: Sealer;
}

/** Records that are looked up at once. */
const keysAtOnce = 100;

/**
 * Marks as missing what is in the scope and was not seen by the scan; a later upsert brings it back.
 *
 * @returns the keys that were marked now
 */
export async function markMissing(
  options: MarkMissingOptions,
  backend: EstateBackend,
  sealer: Sealer,
): Promise<{ missing: string[] }> {
  const { signal } = parseOptions(options, 'markMissing');
  const { scope, scan_id, started_at } = parseInput(MarkMissing, options, 'markMissing');
  const filter = scopeFilter(scope, started_at ?? null);
  const marking = { at: new Date().toISOString(), scan_id, backend, sealer };
  const missing: string[] = [];
  for await (const page of resourcePages(backend, filter)) {
    throwIfAborted(signal);
    missing.push(...(await mark(page, marking)));
  }
  return { missing };
}

/**
 * Marks these keys as missing, whatever else is in the store; a later upsert brings them back.
 *
 * @returns the keys that were marked now: not those that are unknown, marked already, or seen since `started_at`
 */
export async function markGone(
  options: MarkGoneOptions,
  backend: EstateBackend,
  sealer: Sealer,
): Promise<{ missing: string[] }> {
  const { signal } = parseOptions(options, 'markGone');
  const { keys, scan_id, started_at } = parseInput(MarkGone, options, 'markGone');
  const marking = { at: new Date().toISOString(), scan_id, backend, sealer };
  const missing: string[] = [];
  const unique = [...new Set(keys)];
  for (let from = 0; from < unique.length; from += keysAtOnce) {
    throwIfAborted(signal);
    const stored = await backend.get(unique.slice(from, from + keysAtOnce));
    const known = stored.flatMap((resource) =>
      resource !== null && isUnseen(resource, started_at ?? null) ? resource : [],
    );
    missing.push(...(await mark(known, marking)));
  }
  return { missing };
}

function isUnseen({ record }: StoredResource, startedAt: string | null): boolean {
  const { missing_since, last_seen } = record;
  if (missing_since !== null && missing_since !== undefined) return false;
  return startedAt === null || (last_seen ?? '') < startedAt;
}

/** Makes tombstones of those that this scan has not seen, and nobody changes meanwhile. */
async function mark(
  resources: readonly StoredResource[],
  { at, scan_id, backend, sealer }: Marking,
): Promise<string[]> {
  const unseen = resources.filter((resource) => resource.record.scan_id !== scan_id);
  const digests = await backend.digests(unseen.map((resource) => resource.record.key));
  const tombstones = await inTurns(unseen, (resource, index): ResourceWrite[] => {
    const expected = digests[index] ?? null;
    // Changed or removed since it was read: someone has seen it.
    if (expected === null || expected.content_hash !== resource.record.content_hash) return [];
    return [tombstone(resource, expected, { at, scan_id }, sealer)];
  });
  const writes = tombstones.flat();
  const conflicts = new Set(await backend.write(writes));
  return writes.flatMap(({ key }) => (conflicts.has(key) ? [] : [key]));
}

function scopeFilter(scope: z.infer<typeof Scope>, startedAt: string | null): Filter {
  const conditions: Filter[] = [{ not: { exists: { field: 'missing_since' } } }];
  for (const field of ['account_id', 'region', 'service', 'resource_type'] as const) {
    const value = scope[field];
    if (value !== null && value !== undefined) conditions.push({ eq: { field, value } });
  }
  if (startedAt !== null) conditions.push({ lt: { field: 'last_seen', value: startedAt } });
  return { all: conditions };
}

function tombstone(
  { record, sealed }: StoredResource,
  expected: ResourceWrite['expected'],
  { at, scan_id }: { at: string; scan_id: string },
  sealer: Sealer,
): ResourceWrite {
  return {
    key: record.key,
    expected,
    row: {
      record: { ...record, missing_since: at },
      permissions_hash: permissionsHash(record.permissions),
      sealed,
    },
    // When it was last seen, and by which scan, stays.
    sighting: {
      last_seen: record.last_seen,
      scan_id: record.scan_id,
      evaluated_at: record.permissions?.evaluated_at ?? null,
    },
    vector: undefined,
    history: [sealHistory(record.key, { at, scan_id, kind: 'missing', fields: [] }, sealer)],
  };
}

/** Indexes take about as long to forget so many as to forget a few. */
const removedAtOnce = 2000;

/**
 * Removes the tombstones of what has been missing since before a time, with their history.
 *
 * @returns how many were removed
 */
export async function purgeMissing(
  before: string | undefined,
  backend: EstateBackend,
): Promise<number> {
  const value = parseInput(Time, before, 'missing_before');
  const filter: Filter = { lt: { field: 'missing_since', value } };
  let removed = 0;
  let keys: string[] = [];
  for await (const page of resourcePages(backend, filter)) {
    keys.push(...page.map((resource) => resource.record.key));
    if (keys.length < removedAtOnce) continue;
    removed += await backend.remove(keys);
    keys = [];
  }
  return removed + (keys.length > 0 ? await backend.remove(keys) : 0);
}
