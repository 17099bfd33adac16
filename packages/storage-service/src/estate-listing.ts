import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { EstateBackend, EstateOrder } from './backends/backend.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import type { EstateRecord } from './estate-record.ts';
import { openRecord } from './estate-sealing.ts';
import { namesTombstones } from './filter/evaluate.ts';
import { fieldNames, fieldOf } from './filter/fields.ts';
import type { Filter } from './filter/filter.ts';
import { parseFilter } from './filter/parse.ts';
import { inTurns } from './in-turns.ts';
import { checkName, optionalText, parseInput, parseLimit, parseOptions } from './validation.ts';

const orderFields = [
  'key',
  'name',
  'account_id',
  'region',
  'service',
  'resource_type',
  'state',
  'first_seen',
  'last_seen',
] as const;

const Order = z.object({
  field: z.enum(orderFields),
  direction: z.enum(['asc', 'desc']).default('asc'),
});

/** What a page of records is to contain. */
export interface EstateListOptions {
  filter?: Filter | null;
  /** By key by default; ties are ordered by key, records without the field come last. */
  order?: { field: EstateOrder['field']; direction?: EstateOrder['direction'] } | null;
  /** 100 by default, 10,000 at most. */
  limit?: number;
  /** The `cursor` of the page before; filter and order must be the same. */
  cursor?: string | null;
}

/** A page of records. */
export interface EstatePage {
  records: EstateRecord[];
  /** Where the next page begins; null when this was the last. */
  cursor: string | null;
}

/** Reads records by filter: pages, numbers, facets. */
export class EstateListing {
  readonly #backend: EstateBackend;
  readonly #sealer: Sealer;

  constructor(backend: EstateBackend, sealer: Sealer) {
    this.#backend = backend;
    this.#sealer = sealer;
  }

  async list(input: EstateListOptions): Promise<EstatePage> {
    const options = parseOptions(input, 'list');
    const filter = visibleFilter(options.filter);
    const order = parseInput(Order, options.order ?? { field: 'key' }, 'order');
    const limit = parseLimit(options.limit, 100, 10_000);
    const cursorText = optionalText(options.cursor, 'cursor');
    const after = cursorText === null ? null : decodeCursor(cursorText, order, filter);
    // One more tells whether there is another page.
    const stored = await this.#backend.list({ filter, order, after, limit: limit + 1 });
    await this.#sealer.prepare(stored);
    const records = await inTurns(stored.slice(0, limit), (resource) =>
      openRecord(resource, this.#sealer),
    );
    const last = records.at(-1);
    const cursor =
      stored.length > limit && last !== undefined ? encodeCursor(order, filter, last) : null;
    return { records, cursor };
  }

  async count(filter: Filter | null | undefined): Promise<number> {
    return this.#backend.count(visibleFilter(filter));
  }

  async facets(
    field: string,
    filter: Filter | null | undefined,
    options: { limit?: number },
  ): Promise<{ value: string; count: number }[]> {
    checkName(field, 'field');
    if (fieldOf(field) === null) {
      throw new StorageError(
        'UNKNOWN_FIELD',
        `field: ${JSON.stringify(field)} is not an indexed field; known are ${fieldNames.join(', ')}`,
        { details: { field } },
      );
    }
    const limit = parseLimit(parseOptions(options, 'facets').limit, 100, 10_000);
    return this.#backend.facets({ field, filter: visibleFilter(filter), limit });
  }
}

const withoutTombstones: Filter = { not: { exists: { field: 'missing_since' } } };

/** The parsed filter, without tombstones unless it names `missing_since`. */
export function visibleFilter(filter: Filter | null | undefined): Filter {
  if (filter === null || filter === undefined) return withoutTombstones;
  const parsed = parseFilter(filter);
  return namesTombstones(parsed) ? parsed : { all: [withoutTombstones, parsed] };
}

const Cursor = z.tuple([
  z.enum(orderFields),
  z.enum(['asc', 'desc']),
  z.string().nullable(),
  z.string(),
  z.string(),
]);

function encodeCursor(order: EstateOrder, filter: Filter, last: EstateRecord): string {
  const cursor: z.infer<typeof Cursor> = [
    order.field,
    order.direction,
    last[order.field],
    last.key,
    markOf(filter),
  ];
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function decodeCursor(
  text: string,
  order: EstateOrder,
  filter: Filter,
): { value: string | null; key: string } {
  let cursor: z.infer<typeof Cursor>;
  try {
    cursor = Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new StorageError('CURSOR_INVALID', 'cursor: not one that list() returned', { cause });
  }
  const [field, direction, value, key, mark] = cursor;
  if (field !== order.field || direction !== order.direction) {
    throw new StorageError('CURSOR_INVALID', 'cursor: it belongs to a list in another order');
  }
  if (mark !== markOf(filter)) {
    throw new StorageError('CURSOR_INVALID', 'cursor: it belongs to a list with another filter');
  }
  return { value, key };
}

/** Tells filters apart, without repeating them. */
function markOf(filter: Filter): string {
  return createHash('sha256').update(JSON.stringify(filter)).digest('base64url').slice(0, 12);
}
