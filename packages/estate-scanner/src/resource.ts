import { z } from 'zod';
import { resourceTypeRegExp } from './resource-type.ts';

/** Any JSON value: what `attributes` hold. */
export const Json = z.json();
export type Json = z.infer<typeof Json>;

const Tags = z.record(z.string(), z.string());
const Attributes = z.record(z.string(), Json);
const ResourceType = z
  .string()
  .regex(resourceTypeRegExp, 'a resource type reads service:type, for example ec2:instance');

/**
 * One edge to another resource. `target` is the key of a resource where it is known, otherwise an ARN
 * or an id.
 */
export const Relation = z.object({ type: z.string().min(1), target: z.string().min(1) });
export type Relation = z.infer<typeof Relation>;

/**
 * An edge as a plugin yields it: a `target` (an ARN or an id), or the type and id of a resource, from
 * which the scanner makes the key. Account and region are the resource's own unless said otherwise.
 */
export const DiscoveredRelation = z.union(
  [
    Relation,
    z.object({
      type: z.string().min(1),
      resource_type: ResourceType,
      id: z.string().min(1),
      account_id: z.string().min(1).optional(),
      region: z.string().min(1).optional(),
    }),
  ],
  { error: 'a relation is { type, target } or { type, resource_type, id }, each a text' },
);
export type DiscoveredRelation = z.infer<typeof DiscoveredRelation>;

/**
 * What a service scanner yields for one thing it found. The scanner adds key, text, hash, times and
 * permissions.
 *
 * - `id`: the service's own id (`i-0abc`, a bucket's name), unique within account, region and type.
 * - `account_id`: the owner's; the account of the scan where absent.
 * - `region`: the scope's where absent; `global` for global things.
 * - `tags`: null is unknown (denied, not asked), `{}` is none.
 * - `attributes`: a field that could not be seen is null, never false. No secrets.
 * - `search_words`: words of meaning besides name, tags and state ("postgres", "public").
 */
export const DiscoveredResource = z.object({
  resource_type: ResourceType,
  id: z.string().min(1),
  account_id: z.string().min(1).nullish(),
  region: z.string().min(1).nullish(),
  arn: z.string().min(1).nullish(),
  name: z.string().nullish(),
  state: z.string().nullish(),
  tags: Tags.nullish(),
  created_at: z.string().nullish(),
  attributes: Attributes.optional(),
  relations: z.array(DiscoveredRelation).optional(),
  search_words: z.array(z.string()).optional(),
});
export type DiscoveredResource = z.infer<typeof DiscoveredResource>;

/**
 * What a principal may do to one resource, as IAM's policy simulation sees it. `unknown` says that
 * nothing could be asked (root, a federated caller, a denied simulation): it is never the same as
 * denied. `conditional` actions depend on context that the simulation was not given.
 */
export const Permissions = z.object({
  principal_arn: z.string(),
  allowed: z.array(z.string()),
  denied: z.array(z.string()),
  conditional: z.array(z.string()),
  evaluated_at: z.iso.datetime(),
  status: z.enum(['evaluated', 'unknown']),
});
export type Permissions = z.infer<typeof Permissions>;

/** What a stored vector was made from: the model and the SHA-256 (hex) of the text. */
export const EmbeddingMark = z.object({ model: z.string(), text_hash: z.string() });
export type EmbeddingMark = z.infer<typeof EmbeddingMark>;

/**
 * A resource of the estate: the JSON that the whole system speaks. `key` is
 * `{account}-{region}-{resource_id}`, `resource_id` is `service:type/id`. `content_hash` is the SHA-256
 * (hex) of its canonical JSON without permissions, times, scan_id and embedding. Times are RFC 3339 UTC.
 */
export const Resource = z.object({
  key: z.string().min(1),
  account_id: z.string().min(1),
  visible_from: z.array(z.string()),
  region: z.string().min(1),
  service: z.string().min(1),
  resource_type: ResourceType,
  resource_id: z.string().min(1),
  arn: z.string().nullable(),
  name: z.string().nullable(),
  state: z.string().nullable(),
  tags: Tags.nullable(),
  created_at: z.string().nullable(),
  attributes: Attributes,
  relations: z.array(Relation),
  permissions: Permissions.nullable(),
  text: z.string(),
  content_hash: z.string(),
  embedding: EmbeddingMark.nullable(),
  first_seen: z.iso.datetime(),
  last_seen: z.iso.datetime(),
  scan_id: z.string(),
});
export type Resource = z.infer<typeof Resource>;

/** The key of a resource: `{account}-{region}-{type}/{id}`, the same in every scan. */
export function resourceKey(parts: {
  account_id: string;
  region: string;
  resource_type: string;
  id: string;
}): string {
  return `${parts.account_id}-${parts.region}-${parts.resource_type}/${parts.id}`;
}
