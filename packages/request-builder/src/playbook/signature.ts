import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { RequestError } from '../errors.ts';
import { canonicalJson } from '../protocol/digest.ts';
import type { Playbook } from '../protocol/playbook.ts';

/** Public keys of servers by `key_id`. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

/**
 * Reads public keys in PEM (`-----BEGIN PUBLIC KEY-----`).
 *
 * @throws RequestError `INVALID_OPTIONS` for what is no Ed25519 key
 */
export function readTrustedKeys(pem: Readonly<Record<string, string>>): TrustedKeys {
  return new Map(Object.entries(pem).map(([keyId, text]) => [keyId, publicKey(keyId, text)]));
}

/**
 * Checks who made a playbook, where the host trusts only certain keys: then an unsigned one is refused. Signed does not mean safe; the policy still runs.
 *
 * The signature is Ed25519 over the RFC 8785 bytes of the playbook without `signature`.
 *
 * @throws RequestError `SIGNATURE_INVALID` with `details.reason`: unsigned, unknown_key, forged
 */
export function checkSignature(playbook: Playbook, keys: TrustedKeys | null): void {
  if (keys === null) return;
  const { signature, ...signed } = playbook;
  if (!signature) throw refused('unsigned', 'it is not signed');
  const key = keys.get(signature.key_id);
  if (key === undefined) throw refused('unknown_key', 'its key is not trusted');
  const bytes = Buffer.from(canonicalJson(signed), 'utf8');
  if (!verify(null, bytes, key, Buffer.from(signature.value, 'base64'))) {
    throw refused('forged', 'its signature does not fit');
  }
}

function publicKey(keyId: string, text: string): KeyObject {
  try {
    const key = createPublicKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below, for both kinds of wrong.
  }
  throw new RequestError(
    'INVALID_OPTIONS',
    `trustedKeys/${keyId}: expected an Ed25519 public key in PEM`,
  );
}

function refused(reason: string, message: string): RequestError {
  return new RequestError('SIGNATURE_INVALID', `the playbook is refused: ${message}`, {
    details: { reason },
  });
}
