import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson } from '../json.ts';

/**
 * Stands for the body of a request or plan once that itself is no longer kept: whether an id is used again for the same
 * can still be told, and what the body held cannot be read back. Salted, so that equal bodies do not show as such.
 */
export function bodyDigest(body: object, salt = randomBytes(16).toString('hex')): string {
  // The id is the key under which it is looked up.
  const hash = createHash('sha256')
    .update(salt)
    .update(canonicalJson({ ...body, id: null }));
  return `${salt}:${hash.digest('hex')}`;
}

/** Whether `digest` was made of this body. */
export function isDigestOf(digest: string, body: object): boolean {
  return bodyDigest(body, digest.split(':')[0]) === digest;
}
