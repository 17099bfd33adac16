/** Text fields, compared as a whole, by prefix and in facets. */
export const keywordFields = [
  'account_id',
  'region',
  'service',
  'resource_type',
  'resource_id',
  'arn',
  'name',
  'state',
] as const;
export type KeywordField = (typeof keywordFields)[number];

/** Times, compared as instants. `missing_since` is set on tombstones only. */
export const timeFields = ['first_seen', 'last_seen', 'missing_since'] as const;
export type TimeField = (typeof timeFields)[number];

/** What a name in a filter stands for. */
export type Field =
  | { kind: 'keyword'; name: KeywordField }
  | { kind: 'time'; name: TimeField }
  | { kind: 'tag'; tag: string }
  | { kind: 'actions' };

const tagPrefix = 'tags.';

/** Looks up a field by the name used in filters; null where there is no such field. */
export function fieldOf(name: string): Field | null {
  for (const field of keywordFields) if (field === name) return { kind: 'keyword', name: field };
  for (const field of timeFields) if (field === name) return { kind: 'time', name: field };
  if (name === 'allowed_actions') return { kind: 'actions' };
  if (name.startsWith(tagPrefix) && name.length > tagPrefix.length) {
    return { kind: 'tag', tag: name.slice(tagPrefix.length) };
  }
  return null;
}

/** The names that a filter may use, for messages and documentation. */
export const fieldNames: readonly string[] = [
  ...keywordFields,
  'tags.KEY',
  'allowed_actions',
  ...timeFields,
];
