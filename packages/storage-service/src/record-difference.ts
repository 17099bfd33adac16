import type { EstateRecord } from './estate-record.ts';
import { canonicalJson, type Json } from './json.ts';

/** One field that changed: before and after, null where it was absent. */
export interface FieldChange {
  /** JSON Pointer (RFC 6901) into the record, such as `/state` or `/attributes/InstanceType`. */
  path: string;
  before: Json;
  after: Json;
  /** True where a value is null because it is longer than 4 KB of JSON. */
  is_shortened: boolean;
}

/** More changed fields than this in one change are not listed. */
const maxFields = 500;
const maxValueLength = 4096;

/** What is compared: not when it was seen, by which scan, and how it was embedded. */
const comparedFields = [
  'visible_from',
  'arn',
  'name',
  'state',
  'tags',
  'created_at',
  'attributes',
  'relations',
  'permissions',
  'text',
] as const;

/** The fields in which two records of one resource differ: objects field by field, lists as a whole. */
export function recordDifference(before: EstateRecord, after: EstateRecord): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of comparedFields) {
    compare(`/${field}`, lasting(before[field]), lasting(after[field]), changes);
  }
  return changes;
}

/** Permissions without the time at which they were asked for. */
function lasting(value: EstateRecord[(typeof comparedFields)[number]]): Json {
  if (value === null || typeof value !== 'object' || !('evaluated_at' in value)) return value;
  return { ...value, evaluated_at: null };
}

function compare(path: string, before: Json, after: Json, changes: FieldChange[]): void {
  if (changes.length >= maxFields) return;
  if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const escaped = name.replaceAll('~', '~0').replaceAll('/', '~1');
      compare(`${path}/${escaped}`, own(before, name), own(after, name), changes);
    }
    return;
  }
  if (canonicalJson(before) === canonicalJson(after)) return;
  const kept = [before, after].map((value) => shortened(value));
  changes.push({
    path,
    before: kept[0] ?? null,
    after: kept[1] ?? null,
    is_shortened: kept[0] !== before || kept[1] !== after,
  });
}

function shortened(value: Json): Json {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value).length > maxValueLength ? null : value;
}

function own(object: { readonly [name: string]: Json }, name: string): Json {
  return Object.hasOwn(object, name) ? (object[name] ?? null) : null;
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
