import type { EstateRecord } from 'cloudops-storage-service';
import type { Json } from '../protocol/json.ts';
import type { ContextResource } from '../protocol/request.ts';
import type { Cleaner } from './clean.ts';

/** Attributes that hold programs or variables of the user's, where secrets sit: never sent. */
const withheldAttributes: ReadonlySet<string> = new Set([
  'environment',
  'environment_variables',
  'user_data',
  'userdata',
  'masteruserpassword',
]);

/** A resource as the server may see it: cleaned, within limits, and saying what was left out. */
export function viewOf(
  record: EstateRecord,
  ref: string,
  score: number,
  cleaner: Cleaner,
): ContextResource {
  const omitted: string[] = [];
  const fields: Record<string, Json> = {
    key: record.key,
    region: record.region,
    resource_id: record.resource_id,
    name: record.name,
    state: record.state,
    tags: record.tags,
    created_at: record.created_at,
    attributes: withoutWithheld(record.attributes, omitted),
    relations: record.relations.map(({ type, target }) => ({ type, target })),
  };
  const cleaned: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!isEmpty(value)) cleaned[name] = cleaner.json(value, [name], omitted);
  }
  return {
    ref,
    arn: record.arn === null ? null : cleaner.text(record.arn),
    type: cleaner.text(record.resource_type).slice(0, 200),
    observed_at: record.last_seen,
    score: Math.round(score * 1000) / 1000,
    fields: cleaned,
    permissions: permissionsOf(record),
    omitted: omitted.length > 0 ? omitted : null,
    trust: 'untrusted',
  };
}

function withoutWithheld(attributes: EstateRecord['attributes'], omitted: string[]): Json {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (withheldAttributes.has(name.toLowerCase())) omitted.push(`/attributes/${name}`);
    else kept[name] = value;
  }
  return kept;
}

/** Null where IAM was not asked or did not say: that is not the same as denied. */
function permissionsOf({ permissions }: EstateRecord): ContextResource['permissions'] {
  if (permissions?.status !== 'evaluated') return null;
  const { allowed, denied, conditional } = permissions;
  return { allowed, denied, ...(conditional.length > 0 && { conditional }) };
}

/** Tags that are none (`{}`) say something, attributes and relations that are none do not. */
function isEmpty(value: Json): boolean {
  if (value === null) return true;
  return Array.isArray(value) && value.length === 0;
}
