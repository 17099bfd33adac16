import { createHash, randomBytes } from 'node:crypto';
import { StorageError } from '../errors.ts';
import { keyBytes } from './envelope.ts';

/** Where the key-encryption key is kept. It wraps the data keys; it never encrypts data itself. */
export interface KeySource {
  readonly kind: string;
  /** The 32-byte key, or null where there is none (yet). */
  load(): Promise<Uint8Array | null>;
  /** Makes and keeps a new key; returns what is kept afterwards. Called for empty stores only. Absent: cannot make one. */
  create?(): Promise<Uint8Array>;
  /** How a user provides the key, for messages. */
  readonly hint: string;
}

/** The deliberate choice of a store whose content is readable by whoever reads the file. */
export interface NoEncryption {
  readonly kind: 'none';
}

/** Stores message content, execution output and attributes in clear. Say why before you use it. */
export function noEncryption(): NoEncryption {
  return { kind: 'none' };
}

/** A new random key. */
export function newKey(): Uint8Array {
  return randomBytes(keyBytes);
}

/** A key as text, for files and variables. */
export function encodeKey(key: Uint8Array): string {
  return Buffer.from(key).toString('base64');
}

/**
 * Reads a key from text: 32 bytes in base64, base64url or hex.
 *
 * @throws StorageError `KEY_INVALID`; the message never contains the text
 */
export function decodeKey(text: string, place: string): Uint8Array {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/iu.test(trimmed)
    ? Buffer.from(trimmed, 'hex')
    : /^[\w+/-]{43}=?$/u.test(trimmed)
      ? Buffer.from(trimmed, 'base64')
      : null;
  if (bytes?.length !== keyBytes) {
    throw new StorageError(
      'KEY_INVALID',
      `${place} does not hold a key: expected 32 random bytes in base64 or hex (openssl rand -base64 32).`,
    );
  }
  return bytes;
}

/** Names a key without telling it. */
export function keyFingerprint(key: Uint8Array): string {
  return createHash('sha256')
    .update('cloudops-key-fingerprint')
    .update(key)
    .digest('hex')
    .slice(0, 16);
}

/** @throws StorageError `INVALID_INPUT` unless it has the shape of a key source */
export function checkKeySource(value: unknown, what: string): asserts value is KeySource {
  const { kind, load }: Partial<Record<keyof KeySource, unknown>> = Object(value);
  if (typeof kind === 'string' && typeof load === 'function') return;
  throw new StorageError(
    'INVALID_INPUT',
    `${what}: choose osKeychain(), envKey(name), fileKey(path) or recoveryKey(text)`,
  );
}
