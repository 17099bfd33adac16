import { canonicalJson } from '../content-hash.ts';
import type { StoredResource, UpsertResult } from '../ports.ts';
import type { ReportedDifferences } from '../report.ts';
import type { Resource } from '../resource.ts';

/** Keys that a report lists of each kind; the counts and the events tell of all. */
const LISTED = 1_000;

/** What is compared, in this order: not when it was seen, by which scan, and how it was embedded. */
const COMPARED = [
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

/** What became of a resource in the store. */
export type Change = 'created' | 'changed' | 'unchanged';

/** Gathers what a scan changed in the store. */
export class Differences {
  readonly #created: string[] = [];
  readonly #changed: { key: string; fields: string[] }[] = [];
  readonly #missing: string[] = [];
  #omitted = 0;

  created(keys: readonly string[]): void {
    for (const key of keys) this.#add(this.#created, key);
  }

  changed(key: string, fields: string[]): void {
    this.#add(this.#changed, { key, fields });
  }

  missing(keys: readonly string[]): void {
    for (const key of keys) this.#add(this.#missing, key);
  }

  report(): ReportedDifferences {
    return {
      created: [...this.#created],
      changed: [...this.#changed],
      missing: [...this.#missing],
      omitted: this.#omitted,
    };
  }

  #add<Item>(list: Item[], item: Item): void {
    if (list.length < LISTED) list.push(item);
    else this.#omitted += 1;
  }
}

/** What became of each key of an upsert. */
export function changesOf({ created, changed, unchanged }: UpsertResult): Map<string, Change> {
  const lists = { created, changed, unchanged };
  const changes = new Map<string, Change>();
  for (const change of ['unchanged', 'changed', 'created'] as const) {
    for (const key of lists[change]) changes.set(key, change);
  }
  return changes;
}

/**
 * The fields in which a resource differs from what is stored, as JSON Pointers (`/state`, `/tags/team`): maps member by member, lists as
 * a whole. `/missing_since` says that it was missing and is back. Fields that the store does not give back are left out.
 */
export function changedFields(before: StoredResource, after: Resource): string[] {
  const fields: string[] = [];
  if (before.missing_since) fields.push('/missing_since');
  for (const name of COMPARED) {
    const old = before[name];
    if (old !== undefined) compare(`/${name}`, lasting(old), lasting(after[name]), fields);
  }
  return fields;
}

function compare(path: string, before: unknown, after: unknown, fields: string[]): void {
  if (isMap(before) && isMap(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const escaped = name.replaceAll('~', '~0').replaceAll('/', '~1');
      compare(`${path}/${escaped}`, own(before, name), own(after, name), fields);
    }
  } else if (canonicalJson(before ?? null) !== canonicalJson(after ?? null)) fields.push(path);
}

/** Permissions without the time at which they were asked for. */
function lasting(value: unknown): unknown {
  return isMap(value) && 'evaluated_at' in value ? { ...value, evaluated_at: null } : value;
}

function own(map: object, name: string): unknown {
  return Object.hasOwn(map, name) ? Reflect.get(map, name) : null;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
