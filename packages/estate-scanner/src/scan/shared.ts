import { storedHash } from '../content-hash.ts';
import type { StoredResource } from '../ports.ts';
import { type Relation, Resource } from '../resource.ts';

/**
 * A resource with what earlier scans know about it: when it was first seen, who else sees it, what its stored vector was made from,
 * and who owns what it refers to. Of what another account shares, the owner's own view stays: a guest sees less, its tags for one.
 */
export function withHistory(found: Resource, stored: StoredResource | null): Resource {
  if (stored === null) return found;
  const resource = ownersView(found, stored) ?? found;
  const visible_from = union(stored.visible_from ?? [], found.visible_from);
  const [scanned = ''] = found.visible_from;
  const relations = knownOwners(resource.relations, stored.relations ?? [], scanned);
  return rehashed({
    ...resource,
    relations,
    visible_from,
    first_seen: stored.first_seen ?? found.first_seen,
    last_seen: found.last_seen,
    scan_id: found.scan_id,
    embedding: stored.embedding ?? null,
  });
}

/** The same resource, seen from more accounts. */
export function seenFrom(resource: Resource, accounts: Iterable<string>): Resource {
  return rehashed({ ...resource, visible_from: union(resource.visible_from, accounts) });
}

function rehashed(resource: Resource): Resource {
  return { ...resource, content_hash: storedHash(resource) };
}

function union(some: Iterable<string>, others: Iterable<string>): string[] {
  return [...new Set([...some, ...others])].sort();
}

/** What the owner's scan stored of it; null for one's own, and for what the owner never scanned or no longer has. */
function ownersView(found: Resource, stored: StoredResource): Resource | null {
  const isOwn = found.visible_from.includes(found.account_id);
  const ownerSaw = stored.visible_from?.includes(found.account_id) === true;
  if (isOwn || !ownerSaw || stored.missing_since) return null;
  const { scan_id, last_seen } = found;
  return Resource.safeParse({ ...stored, scan_id, last_seen }).data ?? null;
}

/**
 * A scan of one service alone does not read the networks, and cannot know that one of them belongs to another account than the scanned
 * one: an earlier scan did.
 */
function knownOwners(
  relations: readonly Relation[],
  before: readonly Relation[],
  scanned: string,
): Relation[] {
  const known = new Map(before.map((edge) => [withoutAccount(edge), edge.target]));
  return relations.map((edge) => {
    const target = known.get(withoutAccount(edge));
    return target !== undefined && accountOf(edge.target) === scanned ? { ...edge, target } : edge;
  });
}

function withoutAccount({ type, target }: Relation): string {
  return accountOf(target) === null ? `${type} ${target}` : `${type} ${target.slice(12)}`;
}

/** The account of a key; null for an ARN or an id. */
function accountOf(target: string): string | null {
  return /^(\d{12})-/u.exec(target)?.[1] ?? null;
}
