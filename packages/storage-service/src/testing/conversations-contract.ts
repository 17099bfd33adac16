import type { Contract } from './contract.ts';

/** Chat beyond one conversation: lists, conversations, removal. */
export function describeConversations({
  describe,
  it,
  expect,
  withStorage,
  codeOf,
}: Contract): void {
  describe('conversations', () => {
    const said = (conversation_id: string, content: string, day: number) => ({
      conversation_id,
      role: content.startsWith('!') ? ('execution' as const) : ('user' as const),
      content,
      created_at: `2026-01-0${day}T00:00:00Z`,
    });
    const messages = [
      said('a', 'a1', 1),
      said('b', 'b1', 1),
      said('a', '!a2', 2),
      said('c', 'c1', 2),
      said('a', 'a3', 3),
    ];

    it('lists messages by conversation, role and time, page by page', () =>
      withStorage(async ({ chat }) => {
        await chat.appendMany(messages);
        const contents = async (options: Parameters<typeof chat.list>[0]) =>
          (await chat.list(options)).messages.map((message) => message.content);
        expect(await contents({})).toEqual(['a1', 'b1', '!a2', 'c1', 'a3']);
        expect(await contents({ conversation_id: 'a' })).toEqual(['a1', '!a2', 'a3']);
        expect(await contents({ conversation_id: 'none' })).toEqual([]);
        expect(await contents({ roles: ['execution'] })).toEqual(['!a2']);
        expect(await contents({ roles: [] })).toEqual([]);
        expect(
          await contents({ since: '2026-01-02T01:00:00+01:00', until: '2026-01-03T00:00:00Z' }),
        ).toEqual(['!a2', 'c1']);
        const first = await chat.list({ limit: 2 });
        const second = await chat.list({ limit: 3, cursor: first.cursor });
        expect([first, second].map((page) => page.messages.length)).toEqual([2, 3]);
        expect(second.cursor).toBe(null);
        expect(await codeOf(chat.list({ cursor: 'x' }))).toBe('CURSOR_INVALID');
        expect(await codeOf(chat.list({ since: 'x' }))).toBe('INVALID_INPUT');
      }));

    it('lists conversations, the latest first, with their numbers', () =>
      withStorage(async ({ chat }) => {
        await chat.appendMany(messages);
        const { conversations } = await chat.conversations();
        expect(
          conversations.map(({ id, messages: count, first_at, last_at }) => ({
            id,
            messages: count,
            first_at,
            last_at,
          })),
        ).toEqual([
          {
            id: 'a',
            messages: 3,
            first_at: '2026-01-01T00:00:00.000Z',
            last_at: '2026-01-03T00:00:00.000Z',
          },
          {
            id: 'c',
            messages: 1,
            first_at: '2026-01-02T00:00:00.000Z',
            last_at: '2026-01-02T00:00:00.000Z',
          },
          {
            id: 'b',
            messages: 1,
            first_at: '2026-01-01T00:00:00.000Z',
            last_at: '2026-01-01T00:00:00.000Z',
          },
        ]);
        const first = await chat.conversations({ limit: 2 });
        const rest = await chat.conversations({ limit: 2, cursor: first.cursor });
        expect([...first.conversations, ...rest.conversations]).toEqual(conversations);
        expect(rest.cursor).toBe(null);
      }));

    it('goes on behind its cursor where what was there has gone, and something came', () =>
      withStorage(async ({ chat }) => {
        await chat.appendMany(messages);
        const { cursor } = await chat.list({ limit: 2 });
        const { cursor: behindA } = await chat.conversations({ limit: 1 });
        await chat.deleteConversation('b');
        await chat.append(said('d', 'd1', 1));
        const rest = await chat.list({ cursor });
        expect(rest.messages.map(({ content }) => content)).toEqual(['!a2', 'c1', 'a3', 'd1']);
        await chat.deleteConversation('a');
        const { conversations } = await chat.conversations({ cursor: behindA });
        expect(conversations.map(({ id }) => id)).toEqual(['c']);
      }));

    it('removes a conversation, and messages by age, leaving the others whole', () =>
      withStorage(async ({ chat }) => {
        await chat.appendMany(messages);
        expect(await chat.deleteConversation('b')).toBe(1);
        expect(await chat.deleteConversation('b')).toBe(0);
        expect(await chat.prune({ before: '2026-01-02T00:00:00Z' })).toBe(1);
        expect(await chat.prune({ before: '2026-01-03T00:00:00Z' })).toBe(2);
        expect(
          (await chat.conversations()).conversations.map((found) => [found.id, found.messages]),
        ).toEqual([['a', 1]]);
        expect((await chat.conversations()).conversations[0]?.first_at).toBe(
          '2026-01-03T00:00:00.000Z',
        );
        expect((await chat.recent('a')).map((message) => message.content)).toEqual(['a3']);
        const before = (await chat.recent('a'))[0]?.seq ?? 0;
        await chat.deleteConversation('a');
        const next = await chat.append(said('a', 'again', 4));
        expect(next.seq > before).toBe(true);
        expect(await codeOf(chat.prune({ before: 'x' }))).toBe('INVALID_INPUT');
      }));
  });
}
