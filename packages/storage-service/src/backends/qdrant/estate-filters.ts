import type { Schemas } from '@qdrant/js-client-rest';
import { StorageError } from '../../errors.ts';
import { fieldOf } from '../../filter/fields.ts';
import type { Filter } from '../../filter/filter.ts';
import { filterToQdrant, tagEntry } from './filter.ts';
import type { QdrantPoints } from './points.ts';

/** The values of one field that are looked at, at most; the limit of a collection's strict mode allows as many. */
export const maxFacets = 100_000;

/** Writes parsed filters for the server at hand, and counts values. */
export class EstateFilters {
  readonly #points: QdrantPoints;
  readonly #hasPrefixes: boolean;

  /** @param hasPrefixes whether the server knows prefix conditions: since 1.19 */
  constructor(points: QdrantPoints, hasPrefixes: boolean) {
    this.#points = points;
    this.#hasPrefixes = hasPrefixes;
  }

  async write(filter: Filter | null): Promise<Schemas['Filter'] | undefined> {
    if (filter === null) return undefined;
    return filterToQdrant(this.#hasPrefixes ? filter : await this.#withoutPrefixes(filter));
  }

  /**
   * The values of a keyword field or a tag, with the number of records that have them.
   *
   * @throws StorageError `BACKEND_FAILED` when there are more than can be counted
   */
  async values(
    name: string,
    filter: Schemas['Filter'] | undefined,
  ): Promise<{ value: string; count: number }[]> {
    const field = fieldOf(name);
    const start = field?.kind === 'tag' ? tagEntry(field.tag, '') : '';
    const key = field?.kind === 'tag' ? 'tags_kv' : name;
    const hits = await this.#points.facet(key, filter, maxFacets);
    if (hits.length === maxFacets) {
      throw new StorageError(
        'BACKEND_FAILED',
        `${name} has more than ${maxFacets} values: this cannot be answered on Qdrant. Narrow the filter.`,
        { details: { field: name, limit: maxFacets } },
      );
    }
    return hits
      .filter(({ value }) => String(value).startsWith(start))
      .map(({ value, count }) => ({ value: String(value).slice(start.length), count }));
  }

  /** Says `prefix` as the list of values that begin so. */
  async #withoutPrefixes(filter: Filter): Promise<Filter> {
    if ('all' in filter) return { all: await this.#allWithoutPrefixes(filter.all) };
    if ('any' in filter) return { any: await this.#allWithoutPrefixes(filter.any) };
    if ('not' in filter) return { not: await this.#withoutPrefixes(filter.not) };
    if (!('prefix' in filter)) return filter;
    const { field, value: prefix } = filter.prefix;
    if (prefix === '') return { exists: { field } };
    const found = await this.values(field, undefined);
    const values = found.map(({ value }) => value).filter((value) => value.startsWith(prefix));
    return { in: { field, values } };
  }

  async #allWithoutPrefixes(filters: readonly Filter[]): Promise<Filter[]> {
    const written: Filter[] = [];
    for (const filter of filters) written.push(await this.#withoutPrefixes(filter));
    return written;
  }
}
