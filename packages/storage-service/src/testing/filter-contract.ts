import type { EstateRecord } from '../estate-record.ts';
import { matchesFilter } from '../filter/evaluate.ts';
import type { Filter } from '../filter/filter.ts';
import { parseFilter } from '../filter/parse.ts';
import { allows, idsOf, resource, resources } from './fixtures.ts';
import { randomFilter, randomResource } from './random-filter.ts';
import { Random } from './random.ts';
import type { Contract } from './contract.ts';

/** Filters: every operator on missing, null and list values, and the same answer as a plain evaluation. */
export function describeFilters({ describe, it, expect, withStorage, codeOf }: Contract): void {
  const tag = 'tags.k';

  describe('filters', () => {
    it('treats a missing or null field as meeting no condition, and its negation as met', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert([
          { record: resource('none', { tags: {} }) },
          { record: resource('null', { tags: null }) },
          { record: resource('a', { tags: { k: 'a' } }) },
          { record: resource('empty', { tags: { k: '' } }) },
          { record: resource('allowed-none', { tags: {}, permissions: allows() }) },
          { record: resource('allowed-a', { tags: {}, permissions: allows('a') }) },
          { record: resource('allowed-ab', { tags: {}, permissions: allows('a', 'b') }) },
        ]);
        const ids = async (filter: Filter) => idsOf((await estate.list({ filter })).records);
        const rest = ['allowed-a', 'allowed-ab', 'allowed-none'];
        expect(await ids({ exists: { field: tag } })).toEqual(['a', 'empty']);
        expect(await ids({ not: { exists: { field: tag } } })).toEqual([...rest, 'none', 'null']);
        expect(await ids({ eq: { field: tag, value: 'a' } })).toEqual(['a']);
        expect(await ids({ eq: { field: tag, value: '' } })).toEqual(['empty']);
        expect(await ids({ not: { eq: { field: tag, value: 'a' } } })).toEqual(
          [...rest, 'empty', 'none', 'null'].toSorted(),
        );
        expect(await ids({ in: { field: tag, values: ['a', ''] } })).toEqual(['a', 'empty']);
        expect(await ids({ in: { field: tag, values: [] } })).toEqual([]);
        expect(await ids({ prefix: { field: tag, value: '' } })).toEqual(['a', 'empty']);
        const action = 'allowed_actions';
        expect(await ids({ exists: { field: action } })).toEqual(['allowed-a', 'allowed-ab']);
        expect(await ids({ eq: { field: action, value: 'b' } })).toEqual(['allowed-ab']);
        expect(await ids({ not: { eq: { field: action, value: 'b' } } })).toEqual([
          'a',
          'allowed-a',
          'allowed-none',
          'empty',
          'none',
          'null',
        ]);
        expect(await ids({ all: [] })).toEqual(['a', ...rest, 'empty', 'none', 'null'].toSorted());
        expect(await ids({ any: [] })).toEqual([]);
      }));

    it('agrees with a plain evaluation on 300 random filters', () =>
      withStorage(async ({ estate }) => {
        const seed = Date.now() % 1_000_000;
        const random = new Random(seed);
        await estate.upsert(
          Array.from({ length: 80 }, (_, index) => ({ record: randomResource(random, index) })),
        );
        const { records } = await estate.list({ limit: 1000 });
        expect(records.length).toBe(80);
        for (let round = 0; round < 300; round += 1) {
          const filter = parseFilter(randomFilter(random, 3));
          const found = await estate.list({ filter, limit: 1000 });
          const expected = records.filter((record: EstateRecord) => matchesFilter(filter, record));
          // The seed and the filter are in the failure.
          expect({ seed, filter, ids: idsOf(found.records) }).toEqual({
            seed,
            filter,
            ids: idsOf(expected),
          });
          expect(await estate.count(filter)).toBe(expected.length);
        }
      }));

    it('compares times as instants, whatever their offset', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert(
          resources(3, (index) => ({ last_seen: `2026-01-0${index + 1}T00:00:00Z` })),
        );
        const count = (filter: Filter) => estate.count(filter);
        const field = 'last_seen';
        expect(await count({ gt: { field, value: '2026-01-02T01:00:00+01:00' } })).toBe(1);
        expect(await count({ gte: { field, value: '2026-01-02T01:00:00+01:00' } })).toBe(2);
        expect(await count({ lt: { field, value: '2026-01-02T00:00:00Z' } })).toBe(1);
        expect(await count({ lte: { field, value: '2026-01-02T00:00:00.000Z' } })).toBe(2);
        expect(await count({ eq: { field, value: '2026-01-02T00:00:00Z' } })).toBe(1);
        // A millisecond apart.
        expect(await count({ gt: { field, value: '2026-01-01T23:59:59.999Z' } })).toBe(2);
        expect(await count({ gte: { field, value: '2026-01-02T00:00:00.001Z' } })).toBe(1);
        expect(await count({ lte: { field, value: '2026-01-01T23:59:59.999Z' } })).toBe(1);
        expect(await count({ eq: { field, value: '2026-01-02T00:00:00.001Z' } })).toBe(0);
      }));

    it('answers a filter on an unknown field, operator or type with the same typed error', () =>
      withStorage(async ({ estate }) => {
        const invalid: [unknown, string][] = [
          [{ eq: { field: 'attributes.size', value: '1' } }, 'UNKNOWN_FIELD'],
          [{ not: { any: [{ exists: { field: 'tags' } }] } }, 'UNKNOWN_FIELD'],
          [{ exists: { field: 'tags.' } }, 'UNKNOWN_FIELD'],
          [{ eq: { field: 'name; DROP TABLE resource', value: '' } }, 'UNKNOWN_FIELD'],
          [{}, 'FILTER_INVALID'],
          [[], 'FILTER_INVALID'],
          [{ eq: { field: 'name', value: 'a' }, not: {} }, 'FILTER_INVALID'],
          [{ like: { field: 'name', value: 'a' } }, 'FILTER_INVALID'],
          [{ eq: { field: 'account_id', value: 111111111111 } }, 'FILTER_INVALID'],
          [{ eq: { field: 'name', value: null } }, 'FILTER_INVALID'],
          [{ gt: { field: 'name', value: 'a' } }, 'FILTER_INVALID'],
          [{ prefix: { field: 'last_seen', value: '2026' } }, 'FILTER_INVALID'],
          [{ lt: { field: 'last_seen', value: 'tomorrow' } }, 'FILTER_INVALID'],
          [nested(100_000), 'FILTER_INVALID'],
        ];
        for (const [filter, code] of invalid) {
          const count: (filter: never) => Promise<unknown> = (value) => estate.count(value);
          expect([code, await codeOf(Reflect.apply(count, estate, [filter]))]).toEqual([
            code,
            code,
          ]);
        }
      }));

    it('takes tens of thousands of values', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert(resources(5));
        const values = Array.from(
          { length: 50_000 },
          (_, index) => `i-${String(index).padStart(6, '0')}`,
        );
        expect(await estate.count({ in: { field: 'name', values } })).toBe(5);
        expect(await estate.count({ in: { field: 'name', values: values.toReversed() } })).toBe(5);
      }));
  });
}

function nested(depth: number): unknown {
  let filter: unknown = { exists: { field: 'name' } };
  for (let level = 0; level < depth; level += 1) filter = { not: filter };
  return filter;
}
