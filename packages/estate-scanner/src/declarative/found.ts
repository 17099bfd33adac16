import type { JsonObject } from '../aws/pages.ts';
import { isoTime } from '../iso-time.ts';
import type { DiscoveredRelation, DiscoveredResource, Json } from '../resource.ts';
import type { ScanContext } from '../scan-context.ts';
import { tagMap } from '../scanners/tag-list.ts';
import type { DeclaredResource } from './declaration.ts';

/** Where an item was found. */
export type Place = Pick<ScanContext, 'account_id' | 'partition' | 'region'>;

/**
 * Makes a resource of an item as the declared query left it.
 *
 * @param place where it was found, for ARNs that are made
 * @param tags what the Tagging API says of it; null where the item itself has the tags, or nobody knows them
 * @returns null for an item without an ARN and an id: nothing can be said about it
 */
export function toDiscovered(
  declared: DeclaredResource,
  item: JsonObject,
  place: Place,
  tags: Record<string, string> | null,
): DiscoveredResource | null {
  const arn = arnOf(declared, item, place);
  const id = ownId(declared, item) ?? (arn === null ? null : idOf(arn));
  if (id === null || id === '') return null;
  const own = declared.tags === undefined ? tags : tagsOf(item['tags']);
  return {
    resource_type: declared.type,
    id,
    arn,
    name: declared.name === undefined ? (own?.['Name'] ?? id) : text(item['name']),
    state: text(item['state']),
    created_at: isoTime(item['created_at']),
    tags: own,
    attributes: attributesOf(declared, item['attributes']),
    relations: relationsOf(declared, item['relations']),
    search_words: texts(item['search_words']),
  };
}

/** The ARN of an item, from its own words or made of its id. */
export function arnOf(
  declared: DeclaredResource,
  item: JsonObject,
  { partition, region, account_id }: Place,
): string | null {
  const { arnFormat } = declared;
  if (arnFormat === undefined) return text(item['arn']);
  const id = ownId(declared, item);
  if (id === null) return null;
  const parts: Record<string, string> = { partition, region, account: account_id, id };
  return arnFormat.replaceAll(
    /\{([a-z]+)\}/gu,
    (placeholder, name: string) => parts[name] ?? placeholder,
  );
}

function ownId({ idPrefix = '' }: DeclaredResource, item: JsonObject): string | null {
  const id = text(item['id']);
  return id?.startsWith(idPrefix) === true ? id.slice(idPrefix.length) : id;
}

/** What an ARN has behind the kind of thing; the kind is not always there (`arn:aws:sqs:…:name`). */
export function idOf(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  return resource.replace(/^[a-zA-Z-]+[/:]/u, '');
}

function text(value: Json | undefined): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function texts(value: Json | undefined): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.flatMap((entry) => {
    if (Array.isArray(entry)) return texts(entry);
    // `Flag && 'words'` is false where there are none.
    if (typeof entry === 'boolean') return [];
    const one = text(entry);
    return one === null || one === '' ? [] : [one];
  });
}

/** A service that has tags leaves the field out where there are none. */
function tagsOf(value: Json | undefined): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return tagMap(value);
  return tagMap(Object.entries(value).map(([Key, Value]) => ({ Key, Value })));
}

function attributesOf(declared: DeclaredResource, value: Json | undefined): Record<string, Json> {
  const seen = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  return Object.fromEntries(
    Object.keys(declared.attributes ?? {}).map((name) => [name, seen[name] ?? null]),
  );
}

function relationsOf(declared: DeclaredResource, value: Json | undefined): DiscoveredRelation[] {
  const targets = Array.isArray(value) ? value : [];
  return (declared.relations ?? []).flatMap((edge, index) =>
    texts(targets[index]).map((target) =>
      'target' in edge
        ? { type: edge.type, target }
        : { type: edge.type, resource_type: edge.resource_type, id: target },
    ),
  );
}
