import { allows, idsOf, resource, resources, vectorOf } from './fixtures.ts';
import type { Contract } from './contract.ts';

/** Estate: upsert, get, list, count, facets. */
export function describeEstate({ describe, it, expect, withStorage, codeOf }: Contract): void {
  describe('estate', () => {
    it('tells created, changed and unchanged apart', () =>
      withStorage(async ({ estate }) => {
        const a = resource('i-a', { permissions: allows('ec2:StopInstances') });
        const b = resource('i-b');
        expect(await estate.upsert([{ record: a }, { record: b }])).toEqual({
          created: [a.key, b.key],
          changed: [],
          unchanged: [],
        });
        const later = { last_seen: '2026-02-01T00:00:00Z', scan_id: 's2' };
        const evaluated = { ...allows('ec2:StopInstances'), evaluated_at: '2026-02-01T00:00:00Z' };
        expect(
          await estate.upsert([
            { record: { ...a, ...later, permissions: evaluated } },
            { record: { ...b, ...later, state: 'stopped' } },
          ]),
        ).toEqual({ created: [], changed: [b.key], unchanged: [a.key] });
        const [foundA, foundB] = await estate.get([a.key, b.key]);
        for (const found of [foundA, foundB]) {
          expect(found?.first_seen).toBe('2026-01-01T00:00:00.000Z');
          expect(found?.last_seen).toBe('2026-02-01T00:00:00.000Z');
          expect(found?.scan_id).toBe('s2');
        }
        expect(foundA?.permissions?.evaluated_at).toBe('2026-02-01T00:00:00.000Z');
        expect(foundB?.state).toBe('stopped');
        const other = { ...a, permissions: allows('ec2:StartInstances') };
        expect((await estate.upsert([{ record: other }])).changed).toEqual([a.key]);
      }));

    it('gives back every field, and null where nothing is known', () =>
      withStorage(async ({ estate }) => {
        const record = resource('i-full', {
          visible_from: ['222222222222'],
          tags: { Name: 'full', '': 'empty key', 'a.b': 'dot', 日本: '語', quote: '"' },
          created_at: '2025-12-31T23:59:59Z',
          attributes: { nested: { list: [1, 'two', null, { deep: true }] }, text: '\u0000"' },
          relations: [{ type: 'subnet', target: 'subnet-1' }],
          permissions: allows('ec2:StopInstances', 'ec2:StartInstances'),
          content_hash: 'given',
          embedding: { model: 'm', text_hash: 't' },
          scan_id: 's1',
        });
        const bare = { ...resource('i-bare'), arn: null, name: null, state: null, tags: null };
        await estate.upsert([{ record, vector: vectorOf(1) }, { record: { ...bare, text: null } }]);
        const [full, empty, absent] = await estate.get([record.key, bare.key, 'nothing']);
        expect(full).toEqual({
          ...record,
          first_seen: record.last_seen,
          missing_since: null,
        });
        expect(empty?.tags).toBe(null);
        expect(empty?.name).toBe(null);
        expect(empty?.text).toBe('');
        expect(empty?.embedding).toBe(null);
        expect(absent).toBe(null);
      }));

    it('keeps the vector that is there until another or null comes', () =>
      withStorage(async ({ estate }) => {
        const record = resource('i-v', { embedding: { model: 'm', text_hash: 't1' } });
        await estate.upsert([{ record, vector: vectorOf(1) }]);
        const found = async () => (await estate.search({ vector: vectorOf(1) })).length;
        await estate.upsert([{ record: { ...record, state: 'stopped', embedding: null } }]);
        expect(await found()).toBe(1);
        expect((await estate.get([record.key]))[0]?.embedding).toEqual({
          model: 'm',
          text_hash: 't1',
        });
        // Another one comes through although the record is the same.
        await estate.upsert([{ record }]);
        expect((await estate.upsert([{ record, vector: vectorOf(2) }])).unchanged).toEqual([
          record.key,
        ]);
        expect((await estate.search({ vector: vectorOf(2) }))[0]?.score ?? 0).toBeCloseTo(1, 4);
        await estate.upsert([{ record, vector: null }]);
        expect(await found()).toBe(0);
        expect((await estate.get([record.key]))[0]?.embedding).toBe(null);
      }));

    it('writes a key that comes twice twice, in order', () =>
      withStorage(async ({ estate }) => {
        const record = resource('i-twice');
        const result = await estate.upsert([
          { record },
          { record: { ...record, state: 'stopped' } },
        ]);
        expect(result).toEqual({ created: [record.key], changed: [record.key], unchanged: [] });
        expect((await estate.get([record.key]))[0]?.state).toBe('stopped');
      }));

    it('pages through lists in any order, records without the field last', () =>
      withStorage(async ({ estate }) => {
        const names = ['b', null, 'a', 'B', '😀', '\ufffd', null, 'a'];
        await estate.upsert(resources(names.length, (index) => ({ name: names[index] ?? null })));
        for (const direction of ['asc', 'desc'] as const) {
          const order = { field: 'name', direction } as const;
          const all = await estate.list({ order });
          const paged: string[] = [];
          let cursor: string | null = null;
          do {
            const page = await estate.list({ order, limit: 3, cursor });
            paged.push(...idsOf(page.records));
            cursor = page.cursor;
          } while (cursor !== null);
          expect(paged).toEqual(idsOf(all.records));
          const named = ['B', 'a', 'a', 'b', '\ufffd', '😀'];
          expect(all.records.map((record) => record.name)).toEqual([
            ...(direction === 'asc' ? named : named.toReversed()),
            null,
            null,
          ]);
        }
      }));

    it('refuses a cursor that is not its own', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert(resources(3));
        const { cursor } = await estate.list({ limit: 1 });
        expect(await codeOf(estate.list({ cursor: 'garbage' }))).toBe('CURSOR_INVALID');
        expect(await codeOf(estate.list({ cursor, order: { field: 'name' } }))).toBe(
          'CURSOR_INVALID',
        );
      }));

    it('counts and makes facets, most frequent first', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert(
          resources(10, (index) => ({
            tags: index < 3 ? { env: 'prod' } : index < 8 ? { env: 'dev' } : null,
            permissions: index === 0 ? allows('a:X', 'a:Y') : index === 1 ? allows('a:X') : null,
          })),
        );
        expect(await estate.count()).toBe(10);
        expect(await estate.count({ exists: { field: 'tags.env' } })).toBe(8);
        expect(await estate.facets('tags.env')).toEqual([
          { value: 'dev', count: 5 },
          { value: 'prod', count: 3 },
        ]);
        expect(await estate.facets('allowed_actions')).toEqual([
          { value: 'a:X', count: 2 },
          { value: 'a:Y', count: 1 },
        ]);
        expect(
          await estate.facets('tags.env', { eq: { field: 'tags.env', value: 'prod' } }),
        ).toEqual([{ value: 'prod', count: 3 }]);
        expect(await codeOf(estate.facets('text'))).toBe('UNKNOWN_FIELD');
      }));

    it('splits what is large, and refuses what no backend could take', () =>
      withStorage(async ({ estate }) => {
        const large = resources(300, () => ({ attributes: { blob: 'x'.repeat(200_000) } }));
        expect((await estate.upsert(large)).created.length).toBe(300);
        expect((await estate.list({ limit: 1000 })).records.length).toBe(300);
        const keys = large.map((item) => item.record.key);
        const found = await estate.get(keys);
        expect(found.every((record) => record?.attributes['blob'] === 'x'.repeat(200_000))).toBe(
          true,
        );
        const huge = resource('i-huge', { attributes: { blob: 'x'.repeat(40e6) } });
        expect(await codeOf(estate.upsert([{ record: huge }]))).toBe('ITEM_TOO_LARGE');
      }));

    it('does not mix up what others write at the same time', () =>
      withStorage(async ({ estate }) => {
        const record = resource('i-contended');
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            estate.upsert([{ record: { ...record, state: `s${index}` } }]),
          ),
        );
        expect(results.flatMap((result) => result.created)).toEqual([record.key]);
        expect(results.flatMap((result) => result.changed).length).toBe(19);
        expect(await estate.count()).toBe(1);
      }));

    it('refuses what is not a resource, saying where', () =>
      withStorage(async ({ estate }) => {
        const record = resource('i-x');
        const invalid = [
          { record: { ...record, key: '' } },
          { record: { ...record, account_id: undefined } },
          { record: { ...record, tags: { a: 1 } } },
          { record: { ...record, attributes: { when: new Date() } } },
          { record: { ...record, attributes: { n: Number.NaN } } },
          { record: { ...record, last_seen: '2026-01-01' } },
          {},
          null,
          'x',
        ];
        for (const item of invalid) {
          const upsert: (items: never) => Promise<unknown> = (items) => estate.upsert(items);
          expect(await codeOf(Reflect.apply(upsert, estate, [[item]]))).toBe('INVALID_INPUT');
        }
        expect(await estate.count()).toBe(0);
      }));

    it('refuses vectors that cannot be compared', () =>
      withStorage(async ({ estate }) => {
        const record = resource('i-x');
        const notFinite = vectorOf(1);
        notFinite[3] = Number.NaN;
        expect(await codeOf(estate.upsert([{ record, vector: notFinite }]))).toBe('VECTOR_INVALID');
        expect(await codeOf(estate.upsert([{ record, vector: [] }]))).toBe('VECTOR_INVALID');
        await estate.upsert([
          { record: { ...record, embedding: { model: 'm', text_hash: 't' } }, vector: vectorOf(1) },
        ]);
        const other = { ...resource('i-y'), embedding: { model: 'n', text_hash: 't' } };
        expect(await codeOf(estate.upsert([{ record: other, vector: vectorOf(1) }]))).toBe(
          'EMBEDDING_MISMATCH',
        );
        expect(await codeOf(estate.upsert([{ record, vector: vectorOf(1, 16) }]))).toBe(
          'EMBEDDING_MISMATCH',
        );
        expect(await codeOf(estate.search({ vector: vectorOf(1, 16) }))).toBe('EMBEDDING_MISMATCH');
      }));
  });
}
