import type { ResourceDigest } from '../backends/backend.ts';
import { noEncryption } from '../encryption/key-source.ts';
import { StorageService } from '../service.ts';
import { allows, resource, resources, vectorOf } from './fixtures.ts';
import type { Contract } from './contract.ts';

const embedding = { model: 'm', text_hash: 't' };

/** Several at once, and many of one kind: nothing is lost, doubled or cut off. */
export function describeTogether({
  describe,
  it,
  expect,
  withStorage,
  withBackend,
}: Contract): void {
  describe('many at once', () => {
    it('loses no change: each begins where the one before it ended', () =>
      withStorage(async ({ estate }) => {
        const record = resource('i-contended', { state: 'first' });
        await estate.upsert([{ record }]);
        await Promise.all(
          Array.from({ length: 12 }, (_, index) =>
            estate.upsert([
              index % 3 === 2
                ? { record: { ...record, state: `s${index}`, permissions: allows(`a:${index}`) } }
                : { record: { ...record, state: `s${index}` } },
            ]),
          ),
        );
        const history = (await estate.history(record.key)).toReversed();
        expect(history.length).toBe(12);
        let state: unknown = 'first';
        for (const { fields } of history) {
          const change = fields.find(({ path }) => path === '/state');
          expect(change?.before).toBe(state);
          state = change?.after;
        }
        expect((await estate.get([record.key]))[0]?.state).toBe(state);
      }));

    it('takes one message that is sent many times at once as one', () =>
      withStorage(async ({ chat }) => {
        const id = '0b0e5f3c-6e0c-4b60-9d07-4b3f3f1b9d13';
        const message = { conversation_id: 'c', role: 'user', content: 'x', id } as const;
        const sent = await Promise.all(Array.from({ length: 10 }, () => chat.append(message)));
        expect((await chat.recent('c')).length).toBe(1);
        expect(new Set(sent.map(({ seq }) => seq)).size).toBe(1);
        expect(await chat.recent('c')).toEqual(sent.slice(0, 1));
      }));

    it('orders by when messages were appended, not by the times that they carry', () =>
      withStorage(async ({ chat }) => {
        const at = (conversation_id: string, day: number) => ({
          conversation_id,
          role: 'user' as const,
          content: `${conversation_id}${day}`,
          created_at: `2026-01-0${day}T00:00:00.000Z`,
        });
        // A clock that was set back.
        await chat.appendMany([at('a', 5), at('b', 3), at('a', 1), at('b', 2), at('a', 4)]);
        const contents = (messages: readonly { content: string }[]) =>
          messages.map(({ content }) => content);
        expect(contents((await chat.list()).messages)).toEqual(['a5', 'b3', 'a1', 'b2', 'a4']);
        expect(contents(await chat.recent('a'))).toEqual(['a5', 'a1', 'a4']);
        expect(contents(await chat.recent('a', { limit: 1 }))).toEqual(['a4']);
        await chat.append(at('b', 1));
        const { conversations } = await chat.conversations();
        expect(conversations.map(({ id, first_at, last_at }) => [id, first_at, last_at])).toEqual([
          ['b', '2026-01-03T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
          ['a', '2026-01-05T00:00:00.000Z', '2026-01-04T00:00:00.000Z'],
        ]);
        expect(await chat.prune({ before: '2026-01-03T00:00:00Z' })).toBe(3);
        expect(contents((await chat.list()).messages)).toEqual(['a5', 'b3', 'a4']);
      }));

    it('removes thousands of messages by age, and counts them', () =>
      withStorage(async ({ chat }) => {
        const created_at = '2026-01-01T00:00:00Z';
        const said = { role: 'user', content: 'x', created_at } as const;
        const many = Array.from({ length: 2100 }, (_, index) => ({
          ...said,
          conversation_id: `c${index % 3}`,
        }));
        await chat.appendMany(many);
        await chat.append({ conversation_id: 'c0', role: 'user', content: 'kept' });
        expect(await chat.prune({ before: '2026-01-02T00:00:00Z' })).toBe(2100);
        expect((await chat.list()).messages.map(({ content }) => content)).toEqual(['kept']);
        const { conversations } = await chat.conversations();
        expect(conversations.map(({ id, messages }) => [id, messages])).toEqual([['c0', 1]]);
      }));

    it('goes as deep as it is asked to, by meaning, by words and by relations', () =>
      withStorage(async ({ estate }) => {
        const count = 150;
        await estate.upsert(
          resources(count, () => ({
            text: 'database',
            relations: [{ type: 'vpc', target: 'vpc-hub' }],
          })).map(({ record }, index) => ({ record, vector: vectorOf(index) })),
        );
        const hub = resource('vpc-hub', {
          relations: resources(count).map(({ record }) => ({ type: 'has', target: record.key })),
        });
        await estate.upsert([{ record: hub }]);
        const limit = 200;
        const semantic = await estate.search({ vector: vectorOf(1), mode: 'semantic', limit });
        expect(new Set(semantic.map(({ record }) => record.key)).size).toBe(count);
        const keyword = await estate.search({ text: 'database', mode: 'keyword', limit });
        expect(new Set(keyword.map(({ record }) => record.key)).size).toBe(count);
        for (const direction of ['in', 'out'] as const) {
          expect((await estate.related(hub.key, { direction, limit })).length).toBe(count);
        }
      }));

    it('writes only what still stands on the digest it was decided on, and names the rest', () =>
      withBackend(async (backend) => {
        const { estate } = await StorageService.open({ backend, keys: noEncryption() });
        const [item] = resources(1, () => ({ state: 'first', embedding }));
        const record = item?.record ?? resource('none');
        await estate.upsert([{ record, vector: vectorOf(1) }]);
        const [decided] = await backend.estate.digests([record.key]);
        const [stored] = await backend.estate.get([record.key]);
        if (!decided || !stored) throw new Error('It was just stored.');
        const write = (expected: ResourceDigest | null): Promise<string[]> =>
          backend.estate.write([
            {
              key: record.key,
              expected,
              row: {
                record: { ...stored.record, state: 'late', content_hash: 'late' },
                permissions_hash: '',
                sealed: stored.sealed,
              },
              sighting: { last_seen: stored.record.last_seen, scan_id: 'late', evaluated_at: null },
              vector: undefined,
              history: [{ at: stored.record.last_seen, scan_id: 'late', sealed: stored.sealed }],
            },
          ]);
        // Someone else changed one part of it since.
        const others = [
          null,
          { ...decided, content_hash: 'other' },
          { ...decided, permissions_hash: 'other' },
          { ...decided, missing_since: '2026-01-01T00:00:00.000Z' },
          { ...decided, embedding: null },
          { ...decided, embedding: { ...embedding, text_hash: 'other' } },
        ];
        for (const other of others) expect(await write(other)).toEqual([record.key]);
        expect((await estate.get([record.key]))[0]?.state).toBe('first');
        expect(await backend.estate.history(record.key, 10)).toEqual([]);
        expect(await write(decided)).toEqual([]);
        expect((await estate.get([record.key]))[0]?.state).toBe('late');
        expect((await backend.estate.history(record.key, 10)).length).toBe(1);
        // Sent again it is the same write, which is done already.
        await write(decided);
        expect((await backend.estate.history(record.key, 10)).length).toBe(1);
      }));
  });
}
