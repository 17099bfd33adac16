import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { DocumentStore } from '../backends/backend.ts';
import { StorageError } from '../errors.ts';
import { openBytes, sealBytes } from './envelope.ts';
import { keyFingerprint, newKey, type KeySource, type NoEncryption } from './key-source.ts';

/** The document that holds the wrapped data keys. */
const documentName = 'key-ring';

const WrappedKey = z.object({
  number: z.int().min(1),
  created_at: z.string(),
  /** The data key under each key that may open it, by the fingerprint of that key. */
  wraps: z.array(z.object({ key: z.string(), sealed: z.string() })).min(1),
});

const RingDocument = z.discriminatedUnion('encryption', [
  z.object({ encryption: z.literal('none') }),
  z.object({
    encryption: z.literal('aes-256-gcm'),
    active: z.int().min(1),
    keys: z.array(WrappedKey).min(1),
  }),
]);
type RingDocument = z.infer<typeof RingDocument>;

/** The data keys of a store, unwrapped; null in a store without encryption. */
export interface KeyRing {
  readonly active: number;
  readonly keys: ReadonlyMap<number, Uint8Array>;
}

/** Waiting for another process that is just making the same store. */
const attempts = 20;
const attemptDelayMs = 100;

/**
 * Opens the key ring of a store, or makes one for a store that is empty. It fails closed: where there is ciphertext
 * (or may be), no key is ever made, and nothing weaker is ever used instead.
 *
 * @throws StorageError `KEY_NOT_FOUND`, `KEY_WRONG`, `KEY_INVALID`, `KEYCHAIN_UNAVAILABLE`, `ENCRYPTION_MISMATCH`, `STORE_CORRUPT`
 */
export async function openKeyRing(
  documents: DocumentStore,
  source: KeySource | NoEncryption,
): Promise<KeyRing | null> {
  const text = await documents.read(documentName);
  if (text !== null) return unlock(parseRing(text), source);
  // Read again: another process may just have made the store and written to it.
  if ((await documents.holdsData()) && (await documents.read(documentName)) === null) {
    throw new StorageError(
      'STORE_CORRUPT',
      'The store holds data but its key ring is gone. Restore a backup; no new key is made.',
    );
  }
  return makeRing(documents, source);
}

function parseRing(text: string): RingDocument {
  try {
    return RingDocument.parse(JSON.parse(text));
  } catch (cause) {
    throw new StorageError('STORE_CORRUPT', 'The key ring of the store is damaged.', { cause });
  }
}

async function unlock(
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
  const key = await source.load();
  if (key === null) {
    throw new StorageError(
      'KEY_NOT_FOUND',
      `The store is encrypted and its key is not there (${source.kind}): ${source.hint}. No new key is made.`,
      { details: { source: source.kind } },
    );
  }
  return unwrap(ring, key, source);
}

function unwrap(
  ring: Extract<RingDocument, { encryption: 'aes-256-gcm' }>,
  key: Uint8Array,
  source: KeySource,
): KeyRing {
  const fingerprint = keyFingerprint(key);
  const keys = new Map<number, Uint8Array>();
  for (const wrapped of ring.keys) {
    const wrap = wrapped.wraps.find((candidate) => candidate.key === fingerprint);
    if (wrap === undefined) continue;
    const sealed = Buffer.from(wrap.sealed, 'base64');
    keys.set(wrapped.number, openBytes(sealed, key, wrapContext(wrapped.number)));
  }
  if (!keys.has(ring.active)) {
    throw new StorageError(
      'KEY_WRONG',
      `The key (${source.kind}) is not the one of this store: ${source.hint}.`,
      { details: { source: source.kind, fingerprint } },
    );
  }
  return { active: ring.active, keys };
}

async function makeRing(
  documents: DocumentStore,
  source: KeySource | NoEncryption,
): Promise<KeyRing | null> {
  if (!isKeySource(source)) {
    const none: RingDocument = { encryption: 'none' };
    await documents.replace(documentName, null, JSON.stringify(none));
    return settle(documents, source);
  }
  const key = (await source.load()) ?? (await source.create?.());
  if (key === undefined) {
    throw new StorageError('KEY_NOT_FOUND', `There is no key yet: ${source.hint}.`, {
      details: { source: source.kind },
    });
  }
  const dataKey = newKey();
  let text = JSON.stringify(ringOf(dataKey, key));
  if (await documents.replace(documentName, null, text)) {
    // Two processes may have made a key in the same keychain: the one that is kept must open the ring.
    const kept = await source.load();
    if (kept !== null && keyFingerprint(kept) !== keyFingerprint(key)) {
      const previous = text;
      text = JSON.stringify(ringOf(dataKey, kept));
      await documents.replace(documentName, previous, text);
    }
  }
  return settle(documents, source);
}

/** Opens the ring that won, giving the process that made it time to finish. */
async function settle(
  documents: DocumentStore,
  source: KeySource | NoEncryption,
): Promise<KeyRing | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const text = await documents.read(documentName);
      if (text === null) throw new StorageError('STORE_CORRUPT', 'The key ring vanished.');
      return await unlock(parseRing(text), source);
    } catch (error) {
      const mayPass = StorageError.is(error) && error.code === 'KEY_WRONG';
      if (!mayPass || attempt === attempts) throw error;
      await delay(attemptDelayMs);
    }
  }
}

function ringOf(dataKey: Uint8Array, key: Uint8Array): RingDocument {
  const number = 1;
  const sealed = sealBytes(dataKey, key, 0, wrapContext(number));
  return {
    encryption: 'aes-256-gcm',
    active: number,
    keys: [
      {
        number,
        created_at: new Date().toISOString(),
        wraps: [{ key: keyFingerprint(key), sealed: Buffer.from(sealed).toString('base64') }],
      },
    ],
  };
}

function wrapContext(number: number) {
  return { collection: 'key-ring', id: String(number), field: 'data-key' };
}

function isKeySource(source: KeySource | NoEncryption): source is KeySource {
  return 'load' in source;
}
