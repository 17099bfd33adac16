import { setTimeout as delay } from 'node:timers/promises';
import type { DocumentStore } from '../backends/backend.ts';
import { StorageError } from '../errors.ts';
import { keyFingerprint, newKey, type KeySource, type NoEncryption } from './key-source.ts';
import {
  parseRing,
  ringDocumentName,
  unwrapDataKeys,
  wrapDataKey,
  type EncryptedRing,
  type RingDocument,
} from './ring-document.ts';

/** The data keys of a store, unwrapped. */
export class KeyRing {
  readonly #documents: DocumentStore;
  #source: KeySource;
  #document: EncryptedRing;
  #keys: ReadonlyMap<number, Uint8Array>;

  constructor(
    documents: DocumentStore,
    source: KeySource,
    document: EncryptedRing,
    keys: ReadonlyMap<number, Uint8Array>,
  ) {
    this.#documents = documents;
    this.#source = source;
    this.#document = document;
    this.#keys = keys;
  }

  /** The number of the data key for new content. */
  get active(): number {
    return this.#document.active;
  }

  get document(): EncryptedRing {
    return this.#document;
  }

  get source(): KeySource {
    return this.#source;
  }

  /** The data keys by number. */
  get keys(): ReadonlyMap<number, Uint8Array> {
    return this.#keys;
  }

  /** Reads the ring again: another process may have rotated the key. */
  async refresh(): Promise<void> {
    const text = await this.#documents.read(ringDocumentName);
    const document = text === null ? null : parseRing(text);
    if (document?.encryption !== 'xaes-256-gcm') {
      throw new StorageError('STORE_CORRUPT', 'The key ring of the store is gone.');
    }
    this.#keys = unwrapDataKeys(document, await keyOf(this.#source), this.#source);
    this.#document = document;
  }

  /**
   * Replaces the ring while nobody else has, and takes over the new one. `change` is called again where somebody had.
   *
   * @param source the key source that opens the new ring
   */
  async update(
    change: (document: EncryptedRing, keys: ReadonlyMap<number, Uint8Array>) => EncryptedRing,
    source: KeySource = this.#source,
  ): Promise<void> {
    for (;;) {
      const text = await this.#documents.read(ringDocumentName);
      await this.refresh();
      const changed = change(this.#document, this.#keys);
      if (await this.#documents.replace(ringDocumentName, text, JSON.stringify(changed))) break;
    }
    this.#source = source;
    await this.refresh();
  }
}

/** Waiting for another process that is just making the same store. */
const attempts = 20;
const attemptDelayMs = 100;

/**
 * Opens the key ring of a store, or makes one for a store that is empty; null for a store without encryption. It fails closed:
 * where there is ciphertext (or may be), no key is ever made, and nothing weaker is ever used instead.
 *
 * @throws StorageError `KEY_NOT_FOUND`, `KEY_WRONG`, `KEY_INVALID`, `KEYCHAIN_UNAVAILABLE`, `ENCRYPTION_MISMATCH`, `STORE_CORRUPT`
 */
export async function openKeyRing(
  documents: DocumentStore,
  source: KeySource | NoEncryption,
): Promise<KeyRing | null> {
  const text = await documents.read(ringDocumentName);
  if (text !== null) return unlock(documents, parseRing(text), source);
  // Read again: another process may just have made the store and written to it.
  if ((await documents.holdsData()) && (await documents.read(ringDocumentName)) === null) {
    throw new StorageError(
      'STORE_CORRUPT',
      'The store holds data but its key ring is gone. Restore a backup; no new key is made.',
    );
  }
  await makeRing(documents, source);
  return settle(documents, source);
}

async function unlock(
  documents: DocumentStore,
  ring: RingDocument,
  source: KeySource | NoEncryption,
): Promise<KeyRing | null> {
  if (ring.encryption === 'none') {
    if (!isKeySource(source)) return null;
    throw new StorageError(
      'ENCRYPTION_MISMATCH',
      'The store was made without encryption. Open it with noEncryption(), or move its data to an encrypted store.',
    );
  }
  if (!isKeySource(source)) {
    throw new StorageError(
      'ENCRYPTION_MISMATCH',
      'The store is encrypted: open it with the key source it was made with, not with noEncryption().',
    );
  }
  return new KeyRing(documents, source, ring, unwrapDataKeys(ring, await keyOf(source), source));
}

/** @throws StorageError `KEY_NOT_FOUND` */
async function keyOf(source: KeySource): Promise<Uint8Array> {
  const key = await source.load();
  if (key !== null) return key;
  throw new StorageError(
    'KEY_NOT_FOUND',
    `The store is encrypted and its key is not there (${source.kind}): ${source.hint}. No new key is made.`,
    { details: { source: source.kind } },
  );
}

/**
 * The key of a source, made where there is none yet.
 *
 * @throws StorageError `KEY_NOT_FOUND` when it cannot be made
 */
export async function keyOrNew(source: KeySource): Promise<Uint8Array> {
  const key = (await source.load()) ?? (await source.create?.());
  if (key !== undefined) return key;
  throw new StorageError('KEY_NOT_FOUND', `There is no key yet: ${source.hint}.`, {
    details: { source: source.kind },
  });
}

async function makeRing(documents: DocumentStore, source: KeySource | NoEncryption): Promise<void> {
  if (!isKeySource(source)) {
    const none: RingDocument = { encryption: 'none' };
    await documents.replace(ringDocumentName, null, JSON.stringify(none));
    return;
  }
  const key = await keyOrNew(source);
  const dataKey = newKey();
  const text = JSON.stringify(ringOf(dataKey, key));
  if (!(await documents.replace(ringDocumentName, null, text))) return;
  // Two processes may have made a key in the same keychain: the one that is kept must open the ring.
  const kept = await source.load();
  if (kept !== null && keyFingerprint(kept) !== keyFingerprint(key)) {
    await documents.replace(ringDocumentName, text, JSON.stringify(ringOf(dataKey, kept)));
  }
}

function ringOf(dataKey: Uint8Array, key: Uint8Array): RingDocument {
  return {
    encryption: 'xaes-256-gcm',
    active: 1,
    is_rotating: false,
    recovery_keys: [],
    keys: [wrapDataKey(1, dataKey, [key], [])],
  };
}

/** Opens the ring that won, giving the process that made it time to finish. */
async function settle(
  documents: DocumentStore,
  source: KeySource | NoEncryption,
): Promise<KeyRing | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const text = await documents.read(ringDocumentName);
      if (text === null) throw new StorageError('STORE_CORRUPT', 'The key ring vanished.');
      return await unlock(documents, parseRing(text), source);
    } catch (error) {
      const mayPass = StorageError.is(error) && error.code === 'KEY_WRONG';
      if (!mayPass || attempt === attempts) throw error;
      await delay(attemptDelayMs);
    }
  }
}

function isKeySource(source: KeySource | NoEncryption): source is KeySource {
  return 'load' in source;
}
