import { createHash } from 'node:crypto';
import type { PermissionRequest } from '../ports.ts';

/**
 * The key of an answer: everything that it rests on but the policies themselves, which are trusted for as long as an entry lives. Another
 * endpoint is another world.
 */
export function answerKey(
  endpoint: string | undefined,
  principalArn: string,
  { resource_type, arn, actions, tags, region }: PermissionRequest,
): string {
  const labels = tags ? Object.entries(tags).sort(byName) : null;
  return hash([endpoint, principalArn, resource_type, actions.toSorted(), arn, labels, region]);
}

/** The key of an assumed role, whose path IAM was asked for. */
export function roleKey(endpoint: string | undefined, role: string): string {
  return hash([endpoint, role]);
}

function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

function byName([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}
