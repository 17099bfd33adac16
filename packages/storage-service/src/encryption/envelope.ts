import { createCipheriv, createDecipheriv } from 'node:crypto';
import { StorageError } from '../errors.ts';
import { newNonce, nonceBytes, recordKey } from './record-key.ts';

/** XAES-256-GCM: 32-byte keys, 192-bit nonces, 128-bit tags. */
export const keyBytes = 32;
const tagBytes = 16;

/** First byte of a record: how the rest is made. */
const version = 1;
/** version, key number (4 bytes), nonce, tag; then the ciphertext. */
const headerBytes = 1 + 4 + nonceBytes + tagBytes;
/** The schema of the sealed content, part of what is authenticated. */
const contentSchema = '1';

/** Where sealed bytes belong: moved to another place, they no longer open. */
export interface SealContext {
  collection: string;
  id: string;
  field: string;
}

function associatedData(context: SealContext): Buffer {
  const parts = [context.collection, context.id, context.field, contentSchema];
  const data = Buffer.allocUnsafe(
    parts.reduce((sum, part) => sum + 4 + Buffer.byteLength(part), 0),
  );
  let end = 0;
  for (const part of parts) {
    // Lengths first: ("ab", "c") and ("a", "bc") must differ.
    const length = data.write(part, end + 4);
    data.writeUInt32BE(length, end);
    end += 4 + length;
  }
  return data;
}

/** Encrypts under a data key; `keyNumber` says later which one it was. */
export function sealBytes(
  plain: Uint8Array,
  key: Uint8Array,
  keyNumber: number,
  context: SealContext,
): Uint8Array {
  const nonce = newNonce(key);
  const own = recordKey(key, nonce);
  const cipher = createCipheriv('aes-256-gcm', own.key, own.nonce);
  cipher.setAAD(associatedData(context));
  const start = cipher.update(plain);
  const end = cipher.final();
  // Memory of its own: a slice of Buffer's pool would take all of the pool along to another thread.
  const sealed = new Uint8Array(headerBytes + start.length + end.length);
  const view = new DataView(sealed.buffer);
  view.setUint8(0, version);
  view.setUint32(1, keyNumber);
  sealed.set(nonce, 5);
  sealed.set(cipher.getAuthTag(), 5 + nonceBytes);
  sealed.set(start, headerBytes);
  sealed.set(end, headerBytes + start.length);
  return sealed;
}

/**
 * The number of the data key under which bytes were sealed.
 *
 * @throws StorageError `DECRYPTION_FAILED` when they are not a sealed record
 */
export function keyNumberOf(sealed: Uint8Array, context: SealContext): number {
  if (sealed.length < headerBytes || sealed[0] !== version) {
    throw failed(context, 'is not a sealed record of a version known here');
  }
  return new DataView(sealed.buffer, sealed.byteOffset).getUint32(1);
}

/**
 * Decrypts what `sealBytes` made.
 *
 * @throws StorageError `DECRYPTION_FAILED` when a bit was changed or it belongs elsewhere
 */
export function openBytes(sealed: Uint8Array, key: Uint8Array, context: SealContext): Buffer {
  keyNumberOf(sealed, context);
  const nonce = sealed.subarray(5, 5 + nonceBytes);
  const tag = sealed.subarray(5 + nonceBytes, headerBytes);
  try {
    const own = recordKey(key, nonce);
    const decipher = createDecipheriv('aes-256-gcm', own.key, own.nonce, {
      authTagLength: tagBytes,
    });
    decipher.setAAD(associatedData(context));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(headerBytes)), decipher.final()]);
  } catch (cause) {
    throw failed(context, 'was changed, or moved from another place', cause);
  }
}

function failed(context: SealContext, problem: string, cause?: unknown): StorageError {
  return new StorageError(
    'DECRYPTION_FAILED',
    `${context.collection} ${context.id}: ${context.field} ${problem}. Restore it from a backup.`,
    { details: { ...context }, cause },
  );
}
