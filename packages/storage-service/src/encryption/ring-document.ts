import { z } from 'zod';
import { StorageError } from '../errors.ts';
import { openBytes, sealBytes } from './envelope.ts';
import { keyFingerprint, type KeySource } from './key-source.ts';
import { recoveryPublicText, unwrapWithRecovery, wrapForRecovery } from './recovery.ts';

/** The document of a store that holds its wrapped data keys. */
export const ringDocumentName = 'key-ring';

const WrappedKey = z.object({
  number: z.int().min(1).max(0xffffffff),
  created_at: z.string(),
  /** The data key under each key that may open it: by its fingerprint, or for recovery by its public half. */
  wraps: z
    .array(z.object({ kind: z.enum(['primary', 'recovery']), key: z.string(), sealed: z.string() }))
    .min(1),
});

/** The data keys of a store or of a backup, each wrapped. */
export const EncryptedRing = z.object({
  encryption: z.literal('xaes-256-gcm'),
  /** The number of the data key for new content. */
  active: z.int().min(1),
  /** Content under older data keys may be left, and the key before still opens the store. */
  is_rotating: z.boolean(),
  recovery_keys: z.array(z.string()),
  keys: z.array(WrappedKey).min(1),
});
export type EncryptedRing = z.infer<typeof EncryptedRing>;

const RingDocument = z.discriminatedUnion('encryption', [
  z.object({ encryption: z.literal('none') }),
  EncryptedRing,
]);
export type RingDocument = z.infer<typeof RingDocument>;

/** @throws StorageError `STORE_CORRUPT` */
export function parseRing(text: string): RingDocument {
  try {
    return RingDocument.parse(JSON.parse(text));
  } catch (cause) {
    throw new StorageError('STORE_CORRUPT', 'The key ring of the store is damaged.', { cause });
  }
}

function wrapContext(number: number) {
  return { collection: 'key-ring', id: String(number), field: 'data-key' };
}

/** A data key, wrapped for each key-encryption key and each recovery key. */
export function wrapDataKey(
  number: number,
  dataKey: Uint8Array,
  primaryKeys: readonly Uint8Array[],
  recoveryKeys: readonly string[],
): z.infer<typeof WrappedKey> {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const context = wrapContext(number);
  return {
    number,
    created_at: new Date().toISOString(),
    wraps: [
      ...primaryKeys.map((key) => ({
        kind: 'primary' as const,
        key: keyFingerprint(key),
        sealed: base64(sealBytes(dataKey, key, 0, context)),
      })),
      ...recoveryKeys.map((publicText) => ({
        kind: 'recovery' as const,
        key: publicText,
        sealed: base64(wrapForRecovery(dataKey, publicText, context)),
      })),
    ],
  };
}

/**
 * The data keys that a key opens.
 *
 * @throws StorageError `KEY_WRONG` when the active one is not among them, `DECRYPTION_FAILED` when a wrap was changed
 */
export function unwrapDataKeys(
  ring: EncryptedRing,
  key: Uint8Array,
  source: KeySource,
): Map<number, Uint8Array> {
  const isRecovery = source.kind === 'recovery';
  const name = isRecovery ? recoveryPublicText(key) : keyFingerprint(key);
  const keys = new Map<number, Uint8Array>();
  for (const { number, wraps } of ring.keys) {
    const wrap = wraps.find((candidate) => candidate.key === name);
    if (wrap === undefined) continue;
    const sealed = Buffer.from(wrap.sealed, 'base64');
    const open = isRecovery ? unwrapWithRecovery : openBytes;
    keys.set(number, open(sealed, key, wrapContext(number)));
  }
  if (!keys.has(ring.active)) {
    throw new StorageError(
      'KEY_WRONG',
      `The key that was given (${source.kind}) is not the one this store was made with: give that one, or a recovery key of the store. No new key opens what is there.`,
      { details: { source: source.kind } },
    );
  }
  return keys;
}
