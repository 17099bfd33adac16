import { allows, idsOf, resource, resources } from './fixtures.ts';
import type { Contract } from './contract.ts';

/** Lists, numbers and facets: pages while others write, ties, tombstones, values that are easily mixed up. */
export function describeListing({ describe, it, expect, withStorage, codeOf }: Contract): void {
  describe('lists', () => {
    it('gives each of many that are alike once, whatever the size of the pages', () =>
      withStorage(async ({ estate }) => {
        const states = ['b', 'a', 'b', null, 'b', 'a', null, 'b', 'b'];
        await estate.upsert(resources(9, (index) => ({ state: states[index] ?? null })));
        for (const direction of ['asc', 'desc'] as const) {
          const order = { field: 'state', direction } as const;
          const all = idsOf((await estate.list({ order })).records);
          const a = ['i-000001', 'i-000005'];
          const b = ['i-000000', 'i-000002', 'i-000004', 'i-000007', 'i-000008'];
          const named = direction === 'asc' ? [...a, ...b] : [...b, ...a];
          expect(all).toEqual([...named, 'i-000003', 'i-000006']);
          for (const limit of [1, 2, 4, 9]) {
            const paged: string[] = [];
            let cursor: string | null = null;
            do {
              const page = await estate.list({ order, limit, cursor });
              paged.push(...idsOf(page.records));
              cursor = page.cursor;
            } while (cursor !== null);
            expect([limit, paged]).toEqual([limit, all]);
          }
        }
      }));

    it('goes on behind its cursor while records come, change and go', () =>
      withStorage(async ({ estate }) => {
        const items = resources(12, () => ({ state: 'running' }));
        await estate.upsert(items);
        const filter = { eq: { field: 'state', value: 'running' } } as const;
        const first = await estate.list({ filter, limit: 4 });
        expect(idsOf(first.records)).toEqual(['i-000000', 'i-000001', 'i-000002', 'i-000003']);
        const [, , , atCursor, , removed, stopped] = items.map(({ record }) => record);
        // The one at the cursor and one behind it go; one no longer meets the filter; one comes behind the cursor, one before it.
        await estate.remove([atCursor?.key ?? '', removed?.key ?? '']);
        await estate.upsert([
          { record: { ...(stopped ?? resource('none')), state: 'stopped' } },
          { record: resource('i-0000001') },
          { record: resource('i-0000071') },
        ]);
        const rest: string[] = [];
        let { cursor } = first;
        while (cursor !== null) {
          const page = await estate.list({ filter, limit: 4, cursor });
          rest.push(...idsOf(page.records));
          ({ cursor } = page);
        }
        expect(rest).toEqual([
          'i-000004',
          'i-000007',
          'i-0000071',
          'i-000008',
          'i-000009',
          'i-000010',
          'i-000011',
        ]);
      }));

    it('refuses the cursor of another list, or one that was tampered with', () =>
      withStorage(async ({ estate, chat }) => {
        await estate.upsert(resources(3));
        const said = { conversation_id: 'c', role: 'user', content: 'x' } as const;
        await chat.appendMany([said, said, { ...said, conversation_id: 'd' }]);
        const estateCursor = (await estate.list({ limit: 1 })).cursor ?? '';
        const chatCursor = (await chat.list({ limit: 1 })).cursor ?? '';
        const conversationCursor = (await chat.conversations({ limit: 1 })).cursor ?? '';
        const filter = { eq: { field: 'state', value: 'running' } };
        const wrong: [string, (cursor: string) => Promise<unknown>, string[]][] = [
          ['list', (cursor) => estate.list({ cursor }), [chatCursor, conversationCursor]],
          ['filtered', (cursor) => estate.list({ cursor, filter }), [estateCursor]],
          ['chat', (cursor) => chat.list({ cursor }), [estateCursor, conversationCursor]],
          ['conversations', (cursor) => chat.conversations({ cursor }), [estateCursor, chatCursor]],
        ];
        for (const [name, list, cursors] of wrong) {
          for (const cursor of [...cursors, '', '0', '-1', '9'.repeat(400), 'W10', '\0']) {
            expect([name, cursor, await codeOf(list(cursor))]).toEqual([
              name,
              cursor,
              'CURSOR_INVALID',
            ]);
          }
        }
        expect((await estate.list({ cursor: estateCursor })).records.length).toBe(2);
        expect((await chat.list({ cursor: chatCursor })).messages.length).toBe(2);
        expect(
          (await chat.conversations({ cursor: conversationCursor })).conversations.length,
        ).toBe(1);
      }));

    it('leaves tombstones out of numbers and facets, unless they are asked for', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert(resources(5, (index) => ({ state: index < 2 ? 'a' : 'b' })));
        await estate.upsert(
          resources(2, () => ({ state: 'a', last_seen: '2026-01-02T00:00:00Z', scan_id: 'scan' })),
        );
        const scope = { account_id: '111111111111' };
        await estate.markMissing({ scope, scan_id: 'scan' });
        expect(await estate.count()).toBe(2);
        expect(await estate.count({ eq: { field: 'state', value: 'b' } })).toBe(0);
        expect(await estate.facets('state')).toEqual([{ value: 'a', count: 2 }]);
        const missing = { exists: { field: 'missing_since' } };
        expect(await estate.count(missing)).toBe(3);
        expect(await estate.facets('state', missing)).toEqual([{ value: 'b', count: 3 }]);
        // What was seen again is found by when it was seen now.
        const seen = { gte: { field: 'last_seen', value: '2026-01-02T00:00:00Z' } };
        expect(await estate.count(seen)).toBe(2);
      }));

    it('counts the values of a field in one order, empty ones too', () =>
      withStorage(async ({ estate }) => {
        const names = ['b', '', 'B', 'é', 'e\u0301', '😀', '\ufffd', null, 'b', ' b', 'b '];
        await estate.upsert(
          resources(names.length, (index) => ({
            name: names[index] ?? null,
            tags: { 'a.b': index % 2 ? '=' : '' },
            permissions: index === 0 ? allows('x:A', 'x:B') : index === 1 ? allows() : null,
          })),
        );
        const values = async (field: string, limit = 100) =>
          (await estate.facets(field, null, { limit })).map(({ value, count }) => [value, count]);
        const named = ['', ' b', 'B', 'b ', 'e\u0301', 'é', '\ufffd', '😀'];
        expect(await values('name')).toEqual([['b', 2], ...named.map((name) => [name, 1])]);
        expect(await values('name', 3)).toEqual([
          ['b', 2],
          ['', 1],
          [' b', 1],
        ]);
        expect(await values('tags.a.b')).toEqual([
          ['', 6],
          ['=', 5],
        ]);
        expect(await values('allowed_actions')).toEqual([
          ['x:A', 1],
          ['x:B', 1],
        ]);
        expect(await values('last_seen')).toEqual([['2026-01-01T00:00:00.000Z', names.length]]);
        expect(await values('missing_since')).toEqual([]);
      }));
  });
}
