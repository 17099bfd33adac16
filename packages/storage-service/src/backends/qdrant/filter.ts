import type { Schemas } from '@qdrant/js-client-rest';
import { fieldOf } from '../../filter/fields.ts';
import type { Filter } from '../../filter/filter.ts';

type QdrantFilter = Schemas['Filter'];
type Condition = Schemas['Condition'];

/** An id that no point has: UUIDs of version 4 and 5 are never nil. */
const nobody = '00000000-0000-0000-0000-000000000000';
const never: Condition = { has_id: [nobody] };

/** How a tag is kept in `tags_kv`: the length first, so that `a=b` → `c` and `a` → `b=c` differ. */
export function tagEntry(name: string, value: string): string {
  return `${name.length}:${name}=${value}`;
}

/** Writes a parsed filter as one of Qdrant; null (everything) is undefined. */
export function filterToQdrant(filter: Filter | null): QdrantFilter | undefined {
  return filter === null ? undefined : { must: [conditionOf(filter)] };
}

function conditionOf(filter: Filter): Condition {
  // An empty `must` holds, as it should; an empty `should` would hold too, and must not.
  if ('all' in filter) return { must: filter.all.map((part) => conditionOf(part)) };
  if ('any' in filter) {
    return filter.any.length === 0
      ? never
      : { should: filter.any.map((part) => conditionOf(part)) };
  }
  if ('not' in filter) return { must_not: [conditionOf(filter.not)] };
  if ('exists' in filter) return existence(filter.exists.field);
  if ('eq' in filter) return among(filter.eq.field, [filter.eq.value]);
  if ('in' in filter) return among(filter.in.field, filter.in.values);
  if ('prefix' in filter) return beginning(filter.prefix.field, filter.prefix.value);
  if ('gt' in filter) return { key: filter.gt.field, range: { gt: filter.gt.value } };
  if ('gte' in filter) return { key: filter.gte.field, range: { gte: filter.gte.value } };
  if ('lt' in filter) return { key: filter.lt.field, range: { lt: filter.lt.value } };
  return { key: filter.lte.field, range: { lte: filter.lte.value } };
}

function existence(name: string): Condition {
  const field = fieldOf(name);
  if (field?.kind === 'tag') return { key: 'tag_keys', match: { value: field.tag } };
  return { must_not: [{ is_empty: { key: name } }] };
}

function among(name: string, values: readonly string[]): Condition {
  if (values.length === 0) return never;
  const field = fieldOf(name);
  if (field?.kind === 'time') {
    // A datetime index has ranges only.
    return { should: values.map((value) => ({ key: name, range: { gte: value, lte: value } })) };
  }
  if (field?.kind === 'tag') {
    return { key: 'tags_kv', match: { any: values.map((value) => tagEntry(field.tag, value)) } };
  }
  return { key: name, match: { any: [...values] } };
}

function beginning(name: string, prefix: string): Condition {
  const field = fieldOf(name);
  if (field?.kind === 'tag') {
    return { key: 'tags_kv', match: { prefix: tagEntry(field.tag, prefix) } };
  }
  return prefix === '' ? existence(name) : { key: name, match: { prefix } };
}
