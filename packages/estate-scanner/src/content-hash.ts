import { createHash } from 'node:crypto';
import type { Resource } from './resource.ts';

/** The fields of a resource that are not its content. */
type Beside =
  | 'content_hash'
  | 'permissions'
  | 'embedding'
  | 'first_seen'
  | 'last_seen'
  | 'scan_id'
  | 'visible_from';

/** What a content hash is made of. */
export type ResourceContent = Omit<Resource, Beside>;

/**
 * The SHA-256 (hex) of a resource's content in canonical JSON. Two scans of an unchanged resource have the same, whoever
 * scanned it and whatever they may do to it.
 */
export function contentHash(content: ResourceContent): string {
  return sha256(
    canonicalJson({
      key: content.key,
      account_id: content.account_id,
      region: content.region,
      service: content.service,
      resource_type: content.resource_type,
      resource_id: content.resource_id,
      arn: content.arn,
      name: content.name,
      state: content.state,
      tags: content.tags,
      created_at: content.created_at,
      attributes: content.attributes,
      relations: content.relations,
      text: content.text,
    }),
  );
}

/**
 * The content hash that a resource is stored with: that of its content, and where it is shared also of who sees it. A store takes a
 * resource with an equal hash for unchanged.
 */
export function storedHash(resource: ResourceContent & Pick<Resource, 'visible_from'>): string {
  const { account_id, visible_from } = resource;
  const hash = contentHash(resource);
  const isShared = visible_from.some((account) => account !== account_id);
  return isShared ? sha256(canonicalJson([hash, visible_from])) : hash;
}

/** SHA-256 in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with the keys of every object in code point order and without white space; undefined members are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(
      Object.entries(member)
        .filter(([, inner]) => inner !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  });
}
