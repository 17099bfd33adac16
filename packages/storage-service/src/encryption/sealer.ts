import { crc32 } from 'node:zlib';
import { StorageError } from '../errors.ts';
import { keyNumberOf, openBytes, sealBytes, type SealContext } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';

/** Seals and opens text; the one place that knows whether a store is encrypted. */
export interface Sealer {
  seal(text: string, context: SealContext): Uint8Array;
  /** @throws StorageError `DECRYPTION_FAILED` */
  open(sealed: Uint8Array, context: SealContext): string;
  /** Makes sure that the keys of these records are known, before they are opened: another process may have made new ones. */
  prepare(records: readonly ({ sealed: Uint8Array } | null)[]): Promise<void>;
}

/** First byte of content in a store without encryption. An encrypted store never accepts it. */
const clearVersion = 0;

/** The sealer of an opened key ring; null stands for a store without encryption. */
export function sealerOf(ring: KeyRing | null): Sealer {
  return ring === null ? clearSealer : encryptingSealer(ring);
}

function encryptingSealer(ring: KeyRing): Sealer {
  const keyOf = (number: number, context: SealContext): Uint8Array => {
    const key = ring.keys.get(number);
    if (key !== undefined) return key;
    throw new StorageError(
      'DECRYPTION_FAILED',
      `${context.collection} ${context.id}: sealed under data key ${number}, which this store does not have.`,
      { details: { ...context, key_number: number } },
    );
  };
  return {
    seal: (text, context) =>
      sealBytes(Buffer.from(text), keyOf(ring.active, context), ring.active, context),
    open: (sealed, context) =>
      openBytes(sealed, keyOf(keyNumberOf(sealed, context), context), context).toString('utf8'),
    prepare: async (records) => {
      const isKnown = (record: { sealed: Uint8Array } | null) => {
        const number = record === null ? null : laterKeyNumber(record.sealed, ring.active);
        return number === null || ring.keys.has(number);
      };
      if (!records.every(isKnown)) await ring.refresh();
    },
  };
}

/** The number of a key made after `active`; a damaged record has none. */
function laterKeyNumber(sealed: Uint8Array, active: number): number | null {
  if (sealed.length < 5) return null;
  const number = new DataView(sealed.buffer, sealed.byteOffset).getUint32(1);
  return number > active ? number : null;
}

/** Version and CRC-32: what is not encrypted should show all the same when a bit of it has changed. */
const clearHead = 5;

const clearSealer: Sealer = {
  seal: (text) => {
    const bytes = Buffer.from(text);
    const record = new Uint8Array(clearHead + bytes.length);
    record.set([clearVersion]);
    new DataView(record.buffer).setUint32(1, crc32(bytes));
    record.set(bytes, clearHead);
    return record;
  },
  open: (sealed, context) => {
    const damage = clearDamage(sealed);
    if (damage === null) {
      const { buffer, byteOffset, length } = sealed;
      return Buffer.from(buffer, byteOffset + clearHead, length - clearHead).toString('utf8');
    }
    throw new StorageError(
      'DECRYPTION_FAILED',
      `${context.collection} ${context.id}: ${context.field} ${damage}.`,
      { details: { ...context } },
    );
  },
  prepare: async () => {},
};

function clearDamage(sealed: Uint8Array): string | null {
  if (sealed[0] !== clearVersion) return 'is encrypted, in a store without encryption';
  if (sealed.length < clearHead) return 'was cut off';
  const sum = new DataView(sealed.buffer, sealed.byteOffset).getUint32(1);
  return sum === crc32(sealed.subarray(clearHead)) ? null : 'was changed';
}
