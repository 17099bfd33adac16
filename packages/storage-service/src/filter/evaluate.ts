import type { EstateRecord } from '../estate-record.ts';
import { fieldOf } from './fields.ts';
import type { Filter } from './filter.ts';

/** The part of a record that filters look at. */
export type FilterableRecord = Pick<
  EstateRecord,
  | 'account_id'
  | 'region'
  | 'service'
  | 'resource_type'
  | 'resource_id'
  | 'arn'
  | 'name'
  | 'state'
  | 'tags'
  | 'permissions'
  | 'first_seen'
  | 'last_seen'
  | 'missing_since'
>;

/** Whether a record meets a parsed filter: the plain meaning of the language, which every backend must agree with. */
export function matchesFilter(filter: Filter, record: FilterableRecord): boolean {
  if ('all' in filter) return filter.all.every((part) => matchesFilter(part, record));
  if ('any' in filter) return filter.any.some((part) => matchesFilter(part, record));
  if ('not' in filter) return !matchesFilter(filter.not, record);
  if ('exists' in filter) return valuesOf(filter.exists.field, record).length > 0;
  if ('eq' in filter) {
    const { field, value } = filter.eq;
    return valuesOf(field, record).includes(value);
  }
  if ('in' in filter) {
    const { field, values } = filter.in;
    return valuesOf(field, record).some((value) => values.includes(value));
  }
  if ('prefix' in filter) {
    const { field, value: prefix } = filter.prefix;
    return valuesOf(field, record).some((value) => value.startsWith(prefix));
  }
  // Stored times have one form, so their order as text is their order in time.
  if ('gt' in filter) return compares(filter.gt, record, (a, b) => a > b);
  if ('gte' in filter) return compares(filter.gte, record, (a, b) => a >= b);
  if ('lt' in filter) return compares(filter.lt, record, (a, b) => a < b);
  return compares(filter.lte, record, (a, b) => a <= b);
}

function compares(
  operand: { field: string; value: string },
  record: FilterableRecord,
  holds: (value: string, bound: string) => boolean,
): boolean {
  return valuesOf(operand.field, record).some((value) => holds(value, operand.value));
}

/** The values of a field: none where it is missing or null. */
export function valuesOf(name: string, record: FilterableRecord): readonly string[] {
  const field = fieldOf(name);
  if (field === null) return [];
  if (field.kind === 'actions') return record.permissions?.allowed ?? [];
  if (field.kind === 'tag') {
    const tags = record.tags;
    const value = tags !== null && Object.hasOwn(tags, field.tag) ? tags[field.tag] : undefined;
    return value === undefined ? [] : [value];
  }
  const value = record[field.name];
  return value === null ? [] : [value];
}

/** Whether a filter asks about tombstones itself; one that does not leaves them out. */
export function namesTombstones(filter: Filter): boolean {
  if ('all' in filter) return filter.all.some((part) => namesTombstones(part));
  if ('any' in filter) return filter.any.some((part) => namesTombstones(part));
  if ('not' in filter) return namesTombstones(filter.not);
  return Object.values(filter).some((operand) => operand.field === 'missing_since');
}
