import type { EstateRecord } from 'cloudops-storage-service';
import type { Json } from '../protocol/json.ts';
import type { ContextResource } from '../protocol/request.ts';
import { resourceIdOf, resourceKeyOf } from '../protocol/resource-names.ts';
import type { Cleaner } from './clean.ts';

/** Attributes that hold programs or variables of the user's, where secrets sit: never sent. */
const withheldAttributes: ReadonlySet<string> = new Set([
  'environment',
  'environment_variables',
  'user_data',
  'userdata',
  'masteruserpassword',
]);

/**
 * A resource as the server may see it, in its full form: cleaned, within limits, and saying what was left out. `resource_id` and `key` are only in it where they do not follow from
 * type, ARN and region (`resourceIdOf`, `resourceKeyOf`): they would be a tenth of it.
 */
export function viewOf(
  record: EstateRecord,
  ref: string,
  score: number,
  cleaner: Cleaner,
): ContextResource {
  const omitted: string[] = [];
  const fields: Record<string, Json> = {
    region: record.region,
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
  const view: ContextResource = {
    ref,
    ...arnOf(record.arn, cleaner, cleaned),
    type: cleaner.text(record.resource_type).slice(0, 200),
    observed_at: record.last_seen,
    score: Math.round(score * 1000) / 1000,
    fields: cleaned,
    permissions: permissionsOf(record),
    trust: 'untrusted',
  };
  if (resourceIdOf(view) !== record.resource_id) {
    cleaned['resource_id'] = cleaner.json(record.resource_id, ['resource_id'], omitted);
  }
  if (resourceKeyOf(view, record.account_id) !== record.key) {
    cleaned['key'] = cleaner.json(record.key, ['key'], omitted);
  }
  if (omitted.length > 0) view.omitted = [...new Set(omitted.map(ownPointer))];
  return view;
}

/**
 * An ARN stands outside `fields`, so it may only hold what ARNs of ordinary names hold. Some services let a name be any sentence: such an ARN is data like the name itself.
 */
function arnOf(
  arn: string | null,
  cleaner: Cleaner,
  fields: Record<string, Json>,
): { arn?: string } {
  if (arn === null) return {};
  const clean = cleaner.text(arn);
  if (/^[\w:/.*+=,@%~$|#-]{1,2048}$/.test(clean)) return { arn: clean };
  fields['arn'] = clean.slice(0, 2048);
  return {};
}

/** A pointer as far as its names are AWS's: keys of tags and of what lies deeper are somebody's own words, and belong into `fields`. */
export function ownPointer(pointer: string): string {
  const [field = '', name = ''] = pointer.split('/').slice(1);
  const isOwn = field === 'attributes' && /^\w{1,100}$/.test(name);
  return isOwn ? `/attributes/${name}` : `/${field}`;
}

function withoutWithheld(attributes: EstateRecord['attributes'], omitted: string[]): Json {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (withheldAttributes.has(name.toLowerCase())) omitted.push(`/attributes/${name}`);
    // What an attribute does not have it does not say; the server knows no more by a null.
    else if (value !== null) kept[name] = value;
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
