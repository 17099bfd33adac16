import { ScanError } from '../errors.ts';
import type { EstateItem, EstateStore, StoredResource, UpsertResult } from '../ports.ts';

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
