import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, JsonObject, type Json } from './json.ts';
import { Time } from './time.ts';
import { wellFormed } from './well-formed.ts';

const Text = z.string().overwrite(wellFormed);
const Name = Text.min(1).max(2048);
const optional = <T extends z.ZodType>(schema: T) => schema.nullish();

/** A link to another resource: a key where it is known, otherwise an ARN or an id. */
export const EstateRelation = z.object({ type: Name, target: Name });
export type EstateRelation = z.infer<typeof EstateRelation>;

/** What a principal may do to a resource, action by action (`ec2:StopInstances`). */
export const EstatePermissions = z.object({
  principal_arn: Name,
  allowed: z.array(Name),
  denied: z.array(Name),
  conditional: z.array(Name),
  evaluated_at: Time,
  status: z.enum(['evaluated', 'unknown']),
});
export type EstatePermissions = z.infer<typeof EstatePermissions>;

/** From what the stored vector was made: an equal hash means that it need not be made again. */
export const EstateEmbedding = z.object({ model: Name, text_hash: Name });
export type EstateEmbedding = z.infer<typeof EstateEmbedding>;

/** A resource as it is given to `estate.upsert`. Absent and null mean the same. */
export const EstateRecordInput = z.object({
  key: Name,
  account_id: Name,
  visible_from: optional(z.array(Name)),
  region: Name.describe('"global" for what has no region'),
  service: Name,
  resource_type: Name.describe('ec2:instance'),
  resource_id: Name.describe('service:type/id, as in ec2:instance/i-0abc'),
  arn: optional(Text),
  name: optional(Text),
  state: optional(Text),
  tags: optional(z.record(Text, Text)).describe('null: unknown; {}: none'),
  created_at: optional(Text),
  attributes: optional(JsonObject),
  relations: optional(z.array(EstateRelation)),
  permissions: optional(EstatePermissions),
  text: optional(Text).describe(
    'what is embedded and searched by words; its first sentence (up to a full stop and a space) says what kind of thing it is',
  ),
  content_hash: optional(Name),
  embedding: optional(EstateEmbedding),
  first_seen: optional(Time),
  last_seen: optional(Time),
  scan_id: optional(Text),
});
export type EstateRecordInput = z.infer<typeof EstateRecordInput>;

/** A stored resource: every field is there, null where it is not known. */
export const EstateRecord = z.object({
  key: z.string(),
  account_id: z.string(),
  visible_from: z.array(z.string()),
  region: z.string(),
  service: z.string(),
  resource_type: z.string(),
  resource_id: z.string(),
  arn: z.string().nullable(),
  name: z.string().nullable(),
  state: z.string().nullable(),
  tags: z.record(z.string(), z.string()).nullable(),
  created_at: z.string().nullable(),
  attributes: JsonObject,
  relations: z.array(EstateRelation),
  permissions: EstatePermissions.nullable(),
  text: z.string(),
  content_hash: z.string(),
  embedding: EstateEmbedding.nullable(),
  first_seen: z.string(),
  last_seen: z.string(),
  scan_id: z.string().nullable(),
  missing_since: z.string().nullable().describe('set when a complete scan no longer found it'),
});
export type EstateRecord = z.infer<typeof EstateRecord>;

/** What a resource is, apart from when it was seen, by whom it may be touched and how it was embedded. */
export function contentHash(record: Omit<EstateRecord, 'content_hash'>): string {
  const content: Json = {
    key: record.key,
    account_id: record.account_id,
    visible_from: record.visible_from,
    region: record.region,
    service: record.service,
    resource_type: record.resource_type,
    resource_id: record.resource_id,
    arn: record.arn,
    name: record.name,
    state: record.state,
    tags: record.tags,
    created_at: record.created_at,
    attributes: record.attributes,
    relations: record.relations,
    text: record.text,
  };
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

/** What a principal may do, apart from when it was asked; '' where nothing is known. */
export function permissionsHash(permissions: EstatePermissions | null): string {
  if (permissions === null) return '';
  const { evaluated_at: _, ...lasting } = permissions;
  return createHash('sha256').update(canonicalJson(lasting)).digest('base64url').slice(0, 22);
}
