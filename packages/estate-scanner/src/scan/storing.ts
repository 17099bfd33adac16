import { ScanError } from '../errors.ts';
import type {
  EstateItem,
  EstateStore,
  MissingScope,
  StoredResource,
  UpsertResult,
} from '../ports.ts';

/**
 * What a store has of these keys, aligned with them.
 *
 * @throws ScanError `STORE_FAILED` where the store fails or answers something else
 */
export async function storedAt(
  store: EstateStore,
  keys: string[],
): Promise<(StoredResource | null)[]> {
  const stored: unknown = await guard(() => store.get(keys));
  if (!isAligned(stored, keys.length)) {
    throw storeFailed(
      `get() did not answer with one record or null for each of ${keys.length} keys`,
    );
  }
  return stored;
}

/**
 * Stores items.
 *
 * @throws ScanError `STORE_FAILED` where the store fails or answers something else
 */
export async function storeItems(store: EstateStore, items: EstateItem[]): Promise<UpsertResult> {
  const result: unknown = await guard(() => store.upsert(items));
  if (!isUpsertResult(result)) {
    throw storeFailed(
      'upsert() did not answer with the keys that were created, changed and unchanged',
    );
  }
  return result;
}

/**
 * Marks what is missing in a scope; a store that cannot do that knows of nothing missing.
 *
 * @throws ScanError `STORE_FAILED` where the store fails or answers something else
 */
export async function missingIn(
  store: EstateStore | undefined,
  options: { scope: MissingScope; scan_id: string; started_at: string; signal: AbortSignal },
): Promise<string[]> {
  if (store?.markMissing === undefined) return [];
  const marked: unknown = await guard(async () => store.markMissing?.(options));
  if (isMarked(marked)) return marked.missing;
  throw storeFailed('markMissing() did not answer with the keys that are missing');
}

/**
 * Marks keys as missing; a store that cannot do that knows of nothing missing.
 *
 * @throws ScanError `STORE_FAILED` where the store fails or answers something else
 */
export async function goneIn(
  store: EstateStore | undefined,
  options: { keys: string[]; scan_id: string; started_at: string; signal: AbortSignal },
): Promise<string[]> {
  if (store?.markGone === undefined) return [];
  const marked: unknown = await guard(async () => store.markGone?.(options));
  if (isMarked(marked)) return marked.missing;
  throw storeFailed('markGone() did not answer with the keys that are missing');
}

async function guard<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    throw storeFailed(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function storeFailed(what: string, cause?: unknown): ScanError {
  return new ScanError('STORE_FAILED', `The store failed: ${what}`, { cause });
}

function isAligned(value: unknown, length: number): value is (StoredResource | null)[] {
  return (
    Array.isArray(value) &&
    value.length === length &&
    value.every((record) => record === null || typeof record === 'object')
  );
}

function isMarked(value: unknown): value is { missing: string[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'missing' in value &&
    Array.isArray(value.missing) &&
    value.missing.every((key) => typeof key === 'string')
  );
}

function isUpsertResult(value: unknown): value is UpsertResult {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'created' in value &&
    Array.isArray(value.created) &&
    'changed' in value &&
    Array.isArray(value.changed) &&
    'unchanged' in value &&
    Array.isArray(value.unchanged)
  );
}
