import type { SealedCollection, SealedItem, SealedStore } from '../backends/backend.ts';
import { StorageError, throwIfAborted } from '../errors.ts';
import { inTurns } from '../in-turns.ts';
import { sealContextOf } from '../seal-context.ts';
import { keyNumberOf, openBytes, sealBytes, type SealContext } from './envelope.ts';
import { keyOrNew, type KeyRing } from './key-ring.ts';
import { checkKeySource, keyFingerprint, newKey, type KeySource } from './key-source.ts';
import { parseOptions } from '../validation.ts';
import { makeRecoveryPair } from './recovery.ts';
import { wrapDataKey, type EncryptedRing } from './ring-document.ts';

/** How a rotation runs. */
export interface RotateKeyOptions {
  /** Where the key is from now on; the same source as before when absent. */
  keys?: KeySource;
  signal?: AbortSignal;
  /** Called now and then with the number of records under the new key. */
  onProgress?: (progress: { resealed: number }) => void;
}

/** What a rotation did. */
export interface RotateKeyResult {
  /** The number of the data key that is used now. */
  key_number: number;
  /** How many records were encrypted anew. */
  resealed: number;
}

const pageSize = 500;

/**
 * Makes a new data key, wraps it (and the older ones) under the key of the source, and encrypts everything anew. Until that is
 * done, both the key before and the new one open the store; after an interruption the next call goes on.
 *
 * Older data keys stay in the ring: another process may still write under them.
 */
export async function rotateKey(
  ring: KeyRing,
  store: SealedStore,
  input: RotateKeyOptions,
): Promise<RotateKeyResult> {
  const options = parseOptions(input, 'rotateKey');
  if (options.keys !== undefined) checkKeySource(options.keys, 'rotateKey: keys');
  const source = options.keys ?? ring.source;
  if (source.kind === 'recovery') {
    throw new StorageError(
      'INVALID_INPUT',
      'rotateKey: the store is open with its recovery key; say with `keys` where its key is to be from now on.',
    );
  }
  const key = await keyOrNew(source);
  const before = ring.source.kind === 'recovery' ? null : await ring.source.load();
  const openers = before === null ? [key] : [before, key];
  await ring.update((document, keys) => begun(document, keys, openers), source);
  const resealed = await resealAll(ring, store, options);
  await ring.update((document) => finished(document, keyFingerprint(key)), source);
  return { key_number: ring.active, resealed };
}

/** The ring with a new active data key; every data key opens with the key before and with the new one. */
function begun(
  document: EncryptedRing,
  keys: ReadonlyMap<number, Uint8Array>,
  openers: readonly Uint8Array[],
): EncryptedRing {
  const active = document.is_rotating ? document.active : document.active + 1;
  const dataKeys = new Map(keys);
  if (!document.is_rotating) dataKeys.set(active, newKey());
  return {
    ...document,
    active,
    is_rotating: true,
    keys: [
      // What cannot be opened now may be opened by another: nothing is thrown away.
      ...document.keys.filter((entry) => !dataKeys.has(entry.number)),
      ...[...dataKeys].map(([number, dataKey]) =>
        wrapDataKey(number, dataKey, openers, document.recovery_keys),
      ),
    ],
  };
}

/** The ring that only the new key, and the recovery keys, open. */
function finished(document: EncryptedRing, fingerprint: string): EncryptedRing {
  return {
    ...document,
    is_rotating: false,
    keys: document.keys.map(({ wraps, ...entry }) =>
      Object.assign(entry, {
        wraps: wraps.filter((wrap) => wrap.kind === 'recovery' || wrap.key === fingerprint),
      }),
    ),
  };
}

/** Encrypts everything that is under an older data key anew. */
async function resealAll(
  ring: KeyRing,
  store: SealedStore,
  options: RotateKeyOptions,
): Promise<number> {
  let resealed = 0;
  for (const collection of ['messages', 'attributes', 'history'] as const) {
    let after: string | null = null;
    for (;;) {
      throwIfAborted(options.signal);
      const page = await store.page({ collection, after, limit: pageSize });
      if (page.length === 0) break;
      after = page.at(-1)?.place ?? null;
      const items = await inTurns(page, (item) => resealedItem(item, collection, ring));
      resealed += await store.replace(collection, items.flat());
      options.onProgress?.({ resealed });
    }
  }
  return resealed;
}

/** The replacement of an item that is under an older key, or none. */
function resealedItem(
  { place, id, sealed }: SealedItem,
  collection: SealedCollection,
  ring: KeyRing,
): Parameters<SealedStore['replace']>[1] {
  const context = sealContextOf(collection, id);
  const number = keyNumberOf(sealed, context);
  const key = ring.keys.get(number);
  const activeKey = ring.keys.get(ring.active);
  if (number === ring.active || key === undefined || activeKey === undefined) return [];
  const plain = openOrKeep(sealed, key, context);
  if (plain === null) return [];
  return [{ place, expected: sealed, sealed: sealBytes(plain, activeKey, ring.active, context) }];
}

/** What is damaged stays as it is, for a check to name: one record must not keep the rest from the new key. */
function openOrKeep(sealed: Uint8Array, key: Uint8Array, context: SealContext): Uint8Array | null {
  try {
    return openBytes(sealed, key, context);
  } catch (error) {
    if (StorageError.is(error) && error.code === 'DECRYPTION_FAILED') return null;
    throw error;
  }
}

/**
 * Makes a recovery key, which opens the store when its key is lost. An earlier recovery key goes on working.
 *
 * @returns the text for the user to keep; the store does not have it
 */
export async function createRecoveryKey(ring: KeyRing): Promise<string> {
  const pair = makeRecoveryPair();
  await ring.update((document, keys) => ({
    ...document,
    recovery_keys: [...document.recovery_keys, pair.publicText],
    keys: document.keys.map((entry) => {
      const dataKey = keys.get(entry.number);
      if (dataKey === undefined) return entry;
      const { wraps } = wrapDataKey(entry.number, dataKey, [], [pair.publicText]);
      return Object.assign({}, entry, { wraps: [...entry.wraps, ...wraps] });
    }),
  }));
  return pair.privateText;
}
