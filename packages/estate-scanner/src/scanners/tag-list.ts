import type { Json } from '../resource.ts';

/**
 * The tags of an AWS tag list (`[{ Key, Value }]`, or the lower case `key`, `value` of some services) as a map. Nothing at all
 * is `{}`: a service that lists tags leaves the field out where there are none.
 */
export function tagMap(list: Json | undefined): Record<string, string> {
  const entries: [string, string][] = [];
  for (const tag of Array.isArray(list) ? list : []) {
    if (typeof tag !== 'object' || tag === null || Array.isArray(tag)) continue;
    const key = tag['Key'] ?? tag['key'];
    const value = tag['Value'] ?? tag['value'] ?? '';
    if (typeof key === 'string' && typeof value === 'string') entries.push([key, value]);
  }
  return toMap(entries);
}

/** A map in the order of its keys. `__proto__` is a legal tag key, so it must not be assigned. */
function toMap(entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
