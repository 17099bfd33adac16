import type { Json } from '../protocol/json.ts';
import type { ContextResource } from '../protocol/request.ts';

/** What every form of a resource says of it; enough to choose it, and to name it in a command. */
const briefFields: readonly string[] = ['key', 'resource_id', 'region', 'name', 'state', 'tags'];

/** Attributes that decide which command is right, whatever is asked: the members of a database cluster are stopped and started with it. */
const decidingAttributes: ReadonlySet<string> = new Set(['cluster_id']);

/**
 * The brief form of a resource: of its fields region, name, state and tags, and of attributes and relations only those that the message speaks of or that decide which command is right, so that "in vpc-0abc" and
 * "t3.large" still find what they mean. `omitted` says `/attributes` and `/relations` where these were left out or shortened. A resource without them is brief already.
 *
 * @param isSpoken whether a value stands in the message
 */
export function briefOf(
  resource: ContextResource,
  isSpoken: (value: string) => boolean,
): ContextResource {
  const { attributes, relations } = resource.fields;
  if (attributes === undefined && relations === undefined) return resource;
  const fields: Record<string, Json> = {};
  for (const name of briefFields) {
    const value = resource.fields[name];
    if (value !== undefined) fields[name] = value;
  }
  const told = toldAttributes(attributes, isSpoken);
  if (told !== null) fields['attributes'] = told;
  const related = toldRelations(relations, isSpoken);
  if (related !== null) fields['relations'] = related;
  const omitted = (resource.omitted ?? []).filter((pointer) => !/^\/(?:attr|rel)/.test(pointer));
  if (attributes !== undefined) omitted.push('/attributes');
  if (relations !== undefined) omitted.push('/relations');
  return { ...resource, fields, omitted };
}

function toldAttributes(
  attributes: Json | undefined,
  isSpoken: (value: string) => boolean,
): Json | null {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    return null;
  }
  const told = Object.entries(attributes).filter(
    ([name, value]) =>
      typeof value === 'string' && (decidingAttributes.has(name) || isSpoken(value)),
  );
  return told.length > 0 ? Object.fromEntries(told) : null;
}

function toldRelations(
  relations: Json | undefined,
  isSpoken: (value: string) => boolean,
): Json | null {
  if (!Array.isArray(relations)) return null;
  const told = relations.filter((relation) => {
    if (typeof relation !== 'object' || relation === null || Array.isArray(relation)) return false;
    const { target } = relation;
    // A key, an ARN or an id: the message has the last part of it, or all.
    return (
      typeof target === 'string' &&
      (isSpoken(target) || isSpoken(target.split(/[:/]/).at(-1) ?? ''))
    );
  });
  return told.length > 0 ? told : null;
}
