import { matchesFilter } from '../../filter/evaluate.ts';
import type { Filter } from '../../filter/filter.ts';
import { compareText } from '../../ranking.ts';
import type { EstateOrder, StoredResource } from '../backend.ts';
import type { EstateFilters } from './estate-filters.ts';
import type { QdrantPoints } from './points.ts';

/** A page that follows soon goes on in the list of keys that the page before has sorted. */
const sortedForMs = 30_000;

interface Row {
  key: string;
  value: string | null;
}

interface Sorted {
  signature: string;
  order: EstateOrder;
  madeAt: number;
  rows: Row[];
}

/** What a page is to contain. */
export interface SortedQuery {
  filter: Filter | null;
  order: EstateOrder;
  after: Row | null;
  limit: number;
}

/** Lists of resources. Qdrant orders by numbers and times only: the keys are sorted here, and the records of a page fetched. */
export class SortedList {
  readonly #points: QdrantPoints;
  readonly #filters: EstateFilters;
  readonly #get: (keys: readonly string[]) => Promise<(StoredResource | null)[]>;
  #sorted: Sorted | null = null;

  constructor(
    points: QdrantPoints,
    filters: EstateFilters,
    get: (keys: readonly string[]) => Promise<(StoredResource | null)[]>,
  ) {
    this.#points = points;
    this.#filters = filters;
    this.#get = get;
  }

  /** As many records as were asked for, unless there are no more: what was sorted may have gone, or changed, since. */
  async page(query: SortedQuery): Promise<StoredResource[]> {
    const { filter, order, after, limit } = query;
    const rows = await this.#rows(query);
    let place = after === null ? 0 : placeOf(rows, after, order);
    // The cursor names the last record of the page before, which may have gone.
    if (after !== null && rows[place]?.key === after.key) place += 1;
    const found: StoredResource[] = [];
    while (found.length < limit && place < rows.length) {
      const some = rows.slice(place, place + limit - found.length);
      place += some.length;
      const records = await this.#get(some.map((row) => row.key));
      for (const [index, resource] of records.entries()) {
        if (resource === null) continue;
        if (resource.record[order.field] !== some[index]?.value) {
          // It has another place now: sorted anew, the page is right.
          if (this.#sorted?.rows === rows) this.#sorted = null;
          continue;
        }
        if (filter === null || matchesFilter(filter, resource.record)) found.push(resource);
      }
    }
    return found;
  }

  /** What is written here shows on the pages that follow. */
  note(keys: readonly string[]): void {
    const sorted = this.#sorted;
    if (sorted === null) return;
    if (sorted.order.field !== 'key') {
      this.#sorted = null;
      return;
    }
    for (const key of keys) {
      const row = { key, value: key };
      const place = placeOf(sorted.rows, row, sorted.order);
      if (sorted.rows[place]?.key !== key) sorted.rows.splice(place, 0, row);
    }
  }

  async #rows({ filter, order, after }: SortedQuery): Promise<Row[]> {
    const signature = JSON.stringify([filter, order]);
    const isFresh =
      this.#sorted?.signature === signature && Date.now() - this.#sorted.madeAt < sortedForMs;
    if (after !== null && isFresh && this.#sorted !== null) return this.#sorted.rows;
    const madeAt = Date.now();
    const rows: Row[] = [];
    const written = await this.#filters.write(filter);
    for await (const page of this.#points.pages(written, ['key', order.field])) {
      for (const { payload } of page) {
        const value = payload?.[order.field];
        rows.push({
          key: String(payload?.['key']),
          value: typeof value === 'string' ? value : null,
        });
      }
    }
    rows.sort((a, b) => compareRows(a, b, order));
    this.#sorted = { signature, order, madeAt, rows };
    return rows;
  }
}

/** The place of the first row that is not before the given one. */
function placeOf(rows: readonly Row[], row: Row, order: EstateOrder): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = rows[middle];
    if (other !== undefined && compareRows(other, row, order) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By value in the direction asked for, without a value last, then by key. */
function compareRows(a: Row, b: Row, { direction }: EstateOrder): number {
  if (a.value === null || b.value === null) {
    if (a.value !== b.value) return a.value === null ? 1 : -1;
    return compareText(a.key, b.key);
  }
  const order = compareText(a.value, b.value);
  return (direction === 'asc' ? order : -order) || compareText(a.key, b.key);
}
