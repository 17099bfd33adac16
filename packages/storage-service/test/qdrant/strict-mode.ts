import type { Body } from './engine.ts';

/** What is known of a collection beside its points. */
export interface CollectionInfo {
  config: Body;
  /** The payload indexes by field. */
  indexes: Map<string, Body>;
}

/** The kinds of index that can answer a condition. */
const typesFor: Readonly<Record<string, readonly string[]>> = {
  value: ['keyword', 'integer'],
  any: ['keyword', 'integer'],
  text: ['text'],
  prefix: ['keyword'],
  range: ['integer', 'datetime'],
  is_empty: ['keyword', 'integer', 'datetime', 'text'],
};

/**
 * What a collection in strict mode refuses, and what no server does: conditions and orders without a fitting index, limits beyond the allowed one.
 *
 * @throws Error with the words of a server
 */
export function checkRequest(path: string, body: Body, { config, indexes }: CollectionInfo): void {
  const typeOf = (field: unknown): string | null => {
    const type = indexes.get(String(field))?.['type'];
    return typeof type === 'string' ? type : null;
  };
  for (const { field, kind } of conditionsOf(body)) {
    const type = typeOf(field);
    if (type === null || !typesFor[kind]?.includes(type)) {
      throw new Error(`Bad request: Index required but not found for "${field}" (${kind})`);
    }
    if (kind === 'prefix' && indexes.get(field)?.['prefix'] !== true) {
      throw new Error(`Bad request: Prefix index required but not found for "${field}"`);
    }
  }
  const strict: Body = Object(config['strict_mode_config']);
  const limit = body['limit'];
  if (typeof limit === 'number') {
    if (!Number.isInteger(limit) || limit < 1) throw new Error('Validation error: limit: range');
    if (limit > Number(strict['max_query_limit'] ?? Infinity)) {
      throw new Error('Bad request: Limit exceeded for "limit"');
    }
  }
  const order: Body | null = body['order_by'] == null ? null : Object(body['order_by']);
  if (order !== null && !['integer', 'datetime'].includes(typeOf(order['key']) ?? '')) {
    throw new Error(`No range index for order_by key: ${String(order['key'])}`);
  }
  if (order !== null && body['offset'] !== undefined) {
    throw new Error('Cannot use an offset when using order_by');
  }
  if (path === 'POST facet' && typeOf(body['key']) !== 'keyword') {
    throw new Error(`No appropriate index for faceting: ${String(body['key'])}`);
  }
}

/** The conditions on fields anywhere in filters of a body. */
function conditionsOf(value: unknown, found: { field: string; kind: string }[] = []) {
  if (Array.isArray(value)) for (const item of value) conditionsOf(item, found);
  else if (typeof value === 'object' && value !== null) {
    const { key, match, range, is_empty }: Body = Object(value);
    if (typeof key === 'string' && typeof match === 'object' && match !== null) {
      found.push({ field: key, kind: Object.keys(match)[0] ?? '' });
    } else if (typeof key === 'string' && range !== undefined) {
      found.push({ field: key, kind: 'range' });
    } else if (is_empty !== undefined) {
      found.push({ field: String(Reflect.get(Object(is_empty), 'key')), kind: 'is_empty' });
    } else {
      for (const [name, item] of Object.entries(value)) {
        // Data of the user is no filter.
        if (name !== 'payload' && name !== 'vector') conditionsOf(item, found);
      }
    }
  }
  return found;
}
