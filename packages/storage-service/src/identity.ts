import { createHash } from 'node:crypto';

/**
 * The namespace of the point ids, itself the UUIDv5 of `https://github.com/cloudops/estate` in the URL namespace.
 * Changing it would orphan every stored point.
 */
const namespace = uuidFrom(
  createHash('sha1')
    .update(Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex'))
    .update('https://github.com/cloudops/estate')
    .digest(),
).replaceAll('-', '');

const namespaceBytes = Buffer.from(namespace, 'hex');

function uuidFrom(hash: Buffer): string {
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/**
 * The key of a resource: `{account}-{region}-{resource_id}`, where `resource_id` is `service:type/id`
 * (so a function and a table of one name differ). The same resource has the same key in every scan.
 */
export function estateKey(resource: {
  account_id: string;
  region: string;
  resource_id: string;
}): string {
  return `${resource.account_id}-${resource.region}-${resource.resource_id}`;
}

/** The id of a point: the UUIDv5 (RFC 9562) of its key, the same on every machine and backend. */
export function pointId(key: string): string {
  return uuidFrom(createHash('sha1').update(namespaceBytes).update(key).digest());
}
