import { fieldOf } from '../../filter/fields.ts';
import type { Filter } from '../../filter/filter.ts';
import { pointId } from '../../identity.ts';
import { compareText } from '../../ranking.ts';
import type { EstateBackend, EstateOrder, ResourceWrite, StoredResource } from '../backend.ts';
import { vectorName } from './collections.ts';
import type { EstateFilters } from './estate-filters.ts';
import { checkDimensions, QdrantEstateSearch } from './estate-search.ts';
import { QdrantEstateWriter } from './estate-writer.ts';
import { SortedList } from './sorted-list.ts';
import { historyFrom, resourceFields, resourceFrom } from './payloads.ts';
import type { QdrantPoints } from './points.ts';

const maxNamed = 1000;
/** Resources as points: the id is the UUIDv5 of the key. */
export class QdrantEstate implements EstateBackend {
  readonly #points: QdrantPoints;
  readonly #filters: EstateFilters;
  readonly #dimensions: number;
  readonly #writer: QdrantEstateWriter;
  readonly #search: QdrantEstateSearch;
  readonly #list: SortedList;

  constructor(points: QdrantPoints, filters: EstateFilters, dimensions: number) {
    this.#points = points;
    this.#filters = filters;
    this.#dimensions = dimensions;
    this.#writer = new QdrantEstateWriter(points);
    this.#search = new QdrantEstateSearch(points, filters, dimensions);
    this.#list = new SortedList(points, filters, (keys) => this.get(keys));
  }

  digests(keys: readonly string[]) {
    return this.#writer.digests(keys);
  }

  async write(writes: readonly ResourceWrite[]): Promise<string[]> {
    for (const { vector } of writes) {
      if (vector) checkDimensions(vector.values, this.#dimensions);
    }
    try {
      return await this.#writer.write(writes);
    } finally {
      // Also after an error: some of it may have been done.
      this.#list.note(writes.map(({ key }) => key));
    }
  }

  async get(keys: readonly string[]): Promise<(StoredResource | null)[]> {
    const points = await this.#points.retrieve(keys.map(pointId), resourceFields);
    return keys.map((key) => {
      const point = points.get(pointId(key));
      return point === undefined ? null : resourceFrom(point);
    });
  }

  async vectors(keys: readonly string[]): Promise<(Float32Array | null)[]> {
    const points = await this.#points.retrieve(keys.map(pointId), false, [vectorName]);
    return keys.map((key) => {
      const vectors: unknown = points.get(pointId(key))?.vector;
      if (typeof vectors !== 'object' || vectors === null || !(vectorName in vectors)) return null;
      const values: unknown = vectors[vectorName];
      return Array.isArray(values) ? Float32Array.from(values, Number) : null;
    });
  }

  async remove(keys: readonly string[]): Promise<number> {
    const found = await this.#points.retrieve(keys.map(pointId), false);
    await this.#points.remove([...found.keys()]);
    return found.size;
  }

  async history(key: string, limit: number) {
    const point = (await this.#points.retrieve([pointId(key)], ['history'])).get(pointId(key));
    return point === undefined ? [] : historyFrom(point).toReversed().slice(0, limit);
  }

  named(names: readonly string[]) {
    return this.#having('aliases', names);
  }

  referringTo(names: readonly string[]) {
    return this.#having('targets', names);
  }

  async #having(key: string, values: readonly string[]): Promise<StoredResource[]> {
    if (values.length === 0) return [];
    const { points } = await this.#points.scroll({
      filter: { must: [{ key, match: { any: [...values] } }] },
      limit: maxNamed,
      withPayload: resourceFields,
    });
    return points.map(resourceFrom).sort((a, b) => compareText(a.record.key, b.record.key));
  }

  list(query: {
    filter: Filter | null;
    order: EstateOrder;
    after: { value: string | null; key: string } | null;
    limit: number;
  }): Promise<StoredResource[]> {
    return this.#list.page(query);
  }

  async count(filter: Filter | null): Promise<number> {
    return this.#points.count(await this.#filters.write(filter));
  }

  async facets(query: { field: string; filter: Filter | null; limit: number }) {
    const counts = await this.#counts(query);
    return counts
      .sort((a, b) => b.count - a.count || compareText(a.value, b.value))
      .slice(0, query.limit);
  }

  async #counts(query: {
    field: string;
    filter: Filter | null;
  }): Promise<{ value: string; count: number }[]> {
    const filter = await this.#filters.write(query.filter);
    if (fieldOf(query.field)?.kind !== 'time') return this.#filters.values(query.field, filter);
    // Times have no facets in Qdrant.
    const counts = new Map<string, number>();
    for await (const page of this.#points.pages(filter, [query.field])) {
      for (const { payload } of page) {
        const value = payload?.[query.field];
        if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
    return [...counts].map(([value, count]) => ({ value, count }));
  }

  nearest(query: { vector: Float32Array; filter: Filter | null; limit: number }) {
    return this.#search.nearest(query);
  }

  keywords(query: { text: string; filter: Filter | null; limit: number }) {
    return this.#search.keywords(query);
  }
}
