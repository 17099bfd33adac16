import { allows, idsOf, resource, resources, vectorOf } from './fixtures.ts';
import type { Contract } from './contract.ts';

/** Estate over time: history, tombstones, removal. */
export function describeLifecycle({ describe, it, expect, withStorage, codeOf }: Contract): void {
  describe('estate over time', () => {
    it('remembers which fields changed, when, and in which scan, the latest first', () =>
      withStorage(async ({ estate }) => {
        const first = resource('i-1', {
          attributes: { type: 't3.micro', 'a/b~c': 1, gone: true, deep: { list: [1] } },
          permissions: allows('ec2:StopInstances'),
        });
        await estate.upsert([{ record: first }]);
        expect(await estate.history(first.key)).toEqual([]);
        const second = {
          ...first,
          state: 'stopped',
          tags: { env: 'test', owner: 'ops' },
          attributes: { type: 't3.large', 'a/b~c': 2, deep: { list: [1, 2] } },
          last_seen: '2026-02-01T00:00:00.000Z',
          scan_id: 's2',
        };
        await estate.upsert([{ record: second }]);
        const third = {
          ...second,
          permissions: allows('ec2:StopInstances', 'ec2:StartInstances'),
          last_seen: '2026-03-01T00:00:00.000Z',
          scan_id: 's3',
        };
        await estate.upsert([{ record: third }]);
        await estate.upsert([{ record: { ...third, scan_id: 's4' } }]);
        const change = (path: string, before: unknown, after: unknown) => ({
          path,
          before,
          after,
          is_shortened: false,
        });
        expect(await estate.history(first.key)).toEqual([
          {
            at: '2026-03-01T00:00:00.000Z',
            scan_id: 's3',
            kind: 'changed',
            fields: [
              change(
                '/permissions/allowed',
                ['ec2:StopInstances'],
                ['ec2:StopInstances', 'ec2:StartInstances'],
              ),
            ],
          },
          {
            at: '2026-02-01T00:00:00.000Z',
            scan_id: 's2',
            kind: 'changed',
            fields: [
              change('/state', 'running', 'stopped'),
              change('/tags/owner', null, 'ops'),
              change('/attributes/type', 't3.micro', 't3.large'),
              change('/attributes/a~1b~0c', 1, 2),
              change('/attributes/gone', true, null),
              change('/attributes/deep/list', [1], [1, 2]),
            ],
          },
        ]);
        expect((await estate.history(first.key, { limit: 1 })).length).toBe(1);
        expect(await estate.history('nothing')).toEqual([]);
      }));

    it('keeps the latest 100 changes, and leaves long values out', () =>
      withStorage(async ({ estate }) => {
        const record = resource('i-1');
        for (let index = 0; index < 103; index += 1) {
          const attributes = { index, long: 'x'.repeat(index === 102 ? 5000 : 1) };
          await estate.upsert([{ record: { ...record, attributes } }]);
        }
        const history = await estate.history(record.key, { limit: 1000 });
        expect(history.length).toBe(100);
        expect(history[0]?.fields).toEqual([
          { path: '/attributes/index', before: 101, after: 102, is_shortened: false },
          { path: '/attributes/long', before: 'x', after: null, is_shortened: true },
        ]);
      }));

    it('marks what a complete scan did not find, only in its scope, and hides it', () =>
      withStorage(async ({ estate }) => {
        const of = (id: string, rest: object) => ({
          record: resource(id, { scan_id: 's1', ...rest }),
        });
        await estate.upsert([
          of('seen', { scan_id: 's2' }),
          of('gone', {}),
          of('other-region', { region: 'us-east-1' }),
          of('other-service', { service: 'rds' }),
          of('other-account', { account_id: '222222222222' }),
          of('refreshed', { scan_id: 'r1', last_seen: '2026-01-03T00:00:00Z' }),
        ]);
        const scope = { account_id: '111111111111', region: 'eu-central-1', service: 'ec2' };
        const gone = resource('gone').key;
        const options = { scope, scan_id: 's2', started_at: '2026-01-02T00:00:00Z' };
        expect(await estate.markMissing(options)).toEqual({ missing: [gone] });
        expect(await estate.markMissing(options)).toEqual({ missing: [] });
        expect(await estate.count()).toBe(5);
        expect((await estate.search({ text: 'gone' })).length).toBe(0);
        const tombstones = await estate.list({ filter: { exists: { field: 'missing_since' } } });
        expect(idsOf(tombstones.records)).toEqual(['gone']);
        const [record] = await estate.get([gone]);
        expect(record?.last_seen).toBe('2026-01-01T00:00:00.000Z');
        expect(record?.scan_id).toBe('s1');
        expect((await estate.history(gone)).map((entry) => [entry.kind, entry.scan_id])).toEqual([
          ['missing', 's2'],
        ]);
        const { missing } = await estate.markMissing({
          scope: { account_id: '111111111111' },
          scan_id: 's2',
        });
        expect(missing.length).toBe(3);
      }));

    it('marks keys that are gone, and neither others nor those that somebody has seen meanwhile', () =>
      withStorage(async ({ estate }) => {
        const of = (id: string, rest: object) => ({
          record: resource(id, { scan_id: 's1', ...rest }),
        });
        await estate.upsert([
          of('gone', {}),
          of('other', {}),
          of('refreshed', { last_seen: '2026-01-03T00:00:00Z' }),
        ]);
        const keys = ['gone', 'refreshed', 'unknown', 'gone'].map((id) => resource(id).key);
        const options = { keys, scan_id: 'r1', started_at: '2026-01-02T00:00:00Z' };
        const gone = resource('gone').key;
        expect(await estate.markGone(options)).toEqual({ missing: [gone] });
        expect(await estate.markGone(options)).toEqual({ missing: [] });
        expect(await estate.count()).toBe(2);
        expect((await estate.history(gone)).map(({ kind, scan_id }) => [kind, scan_id])).toEqual([
          ['missing', 'r1'],
        ]);
        const again = await estate.upsert([of('gone', { scan_id: 's2' })]);
        expect(again.changed).toEqual([gone]);
      }));

    it('brings back what is found again', () =>
      withStorage(async ({ estate }) => {
        const record = resource('i-1', { scan_id: 's1' });
        await estate.upsert([{ record, vector: vectorOf(1) }]);
        await estate.markMissing({ scope: { account_id: record.account_id }, scan_id: 's2' });
        expect((await estate.search({ vector: vectorOf(1) })).length).toBe(0);
        const again = await estate.upsert([{ record: { ...record, scan_id: 's3' } }]);
        expect(again.changed).toEqual([record.key]);
        expect((await estate.search({ vector: vectorOf(1) })).length).toBe(1);
        const [found] = await estate.get([record.key]);
        expect([found?.missing_since, found?.first_seen]).toEqual([
          null,
          '2026-01-01T00:00:00.000Z',
        ]);
        expect((await estate.history(record.key)).map((entry) => entry.kind)).toEqual([
          'returned',
          'missing',
        ]);
      }));

    it('purges tombstones of an age, and removes by key, leaving nothing behind', () =>
      withStorage(async ({ estate }) => {
        const items = resources(5).map(({ record }) => ({ record, vector: vectorOf(1) }));
        await estate.upsert(items);
        const [one, two] = items.map((item) => item.record.key);
        await estate.upsert([{ record: { ...resource('x'), scan_id: 's' } }]);
        await estate.markMissing({ scope: { account_id: '111111111111' }, scan_id: 's' });
        await estate.upsert(items.slice(0, 3));
        expect(await estate.purge({ missing_before: '2020-01-01T00:00:00Z' })).toBe(0);
        expect(await estate.purge({ missing_before: '2999-01-01T00:00:00Z' })).toBe(2);
        expect(await estate.remove([one ?? '', 'nothing'])).toBe(1);
        expect(await estate.get([one ?? '', two ?? ''])).toEqual([
          null,
          (await estate.list({ filter: { eq: { field: 'name', value: 'i-000001' } } })).records[0],
        ]);
        expect(
          await estate.count({ any: [{ exists: { field: 'missing_since' } }, { all: [] }] }),
        ).toBe(3);
        expect((await estate.search({ vector: vectorOf(1) })).length).toBe(2);
        expect(
          (await estate.search({ text: 'i-000000' })).map((found) => found.record.name),
        ).toEqual((await estate.search({ text: 'i' })).map((found) => found.record.name));
        expect(await estate.history(one ?? '')).toEqual([]);
        const again = await estate.upsert(items.slice(0, 1));
        expect(again.created).toEqual([one]);
        expect(await codeOf(estate.purge({ missing_before: 'yesterday' }))).toBe('INVALID_INPUT');
      }));
  });
}
