import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { StorageError } from '../errors.ts';
import { keyBytes, openBytes, sealBytes, type SealContext } from './envelope.ts';
import { decodeKey, type KeySource } from './key-source.ts';

/**
 * A recovery key is the private half of an X25519 pair (RFC 7748). The store knows the public half only, so that data keys
 * made later can be wrapped for it while the user keeps the private half elsewhere.
 */
export interface RecoveryPair {
  /** For the user: 32 bytes in base64. */
  privateText: string;
  /** For the key ring: base64. */
  publicText: string;
}

/** The fixed beginnings of the DER forms of X25519 keys (RFC 8410); the 32 bytes of the key follow. */
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex');

/** Makes a new pair. */
export function makeRecoveryPair(): RecoveryPair {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const privateDer = privateKey.export({ format: 'der', type: 'pkcs8' });
  return {
    privateText: privateDer.subarray(privatePrefix.length).toString('base64'),
    publicText: publicBytes(publicKey).toString('base64'),
  };
}

/** Wraps a data key so that only the private half opens it: ephemeral X25519, HKDF-SHA-256, XAES-256-GCM. */
export function wrapForRecovery(
  dataKey: Uint8Array,
  publicText: string,
  context: SealContext,
): Uint8Array {
  const ephemeral = generateKeyPairSync('x25519');
  const recipient = publicKeyFrom(Buffer.from(publicText, 'base64'));
  const ephemeralPublic = publicBytes(ephemeral.publicKey);
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient });
  const key = wrappingKey(shared, ephemeralPublic, Buffer.from(publicText, 'base64'));
  return Buffer.concat([ephemeralPublic, sealBytes(dataKey, key, 0, context)]);
}

/**
 * Opens what `wrapForRecovery` made.
 *
 * @throws StorageError `DECRYPTION_FAILED`
 */
export function unwrapWithRecovery(
  wrapped: Uint8Array,
  privateBytes: Uint8Array,
  context: SealContext,
): Uint8Array {
  const ephemeralPublic = Buffer.from(wrapped.subarray(0, keyBytes));
  const privateKey = privateKeyFrom(privateBytes);
  const shared = diffieHellman({ privateKey, publicKey: publicKeyFrom(ephemeralPublic) });
  const key = wrappingKey(shared, ephemeralPublic, publicBytes(createPublicKey(privateKey)));
  return openBytes(wrapped.subarray(keyBytes), key, context);
}

/** The public half that belongs to a private one, in base64. */
export function recoveryPublicText(privateBytes: Uint8Array): string {
  return publicBytes(createPublicKey(privateKeyFrom(privateBytes))).toString('base64');
}

/** Opens a store whose key was lost, with the text that `createRecoveryKey` returned; then `rotateKey` gives it a new key. */
export function recoveryKey(text: string): KeySource {
  return {
    kind: 'recovery',
    hint: 'give the recovery key of this store',
    load: async () => decodeKey(text, 'The recovery key'),
  };
}

function wrappingKey(shared: Buffer, ephemeralPublic: Buffer, recipient: Buffer): Uint8Array {
  const salt = Buffer.concat([ephemeralPublic, recipient]);
  return new Uint8Array(hkdfSync('sha256', shared, salt, 'cloudops-recovery', keyBytes));
}

function publicBytes(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(publicPrefix.length);
}

function privateKeyFrom(bytes: Uint8Array): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([privatePrefix, bytes]),
    format: 'der',
    type: 'pkcs8',
  });
}

function publicKeyFrom(bytes: Uint8Array): KeyObject {
  try {
    return createPublicKey({
      key: Buffer.concat([publicPrefix, bytes]),
      format: 'der',
      type: 'spki',
    });
  } catch (cause) {
    throw new StorageError('STORE_CORRUPT', 'The key ring holds a damaged public key.', { cause });
  }
}
