import type { ChatMessageInput } from '../chat-message.ts';
import type { Contract } from './contract.ts';

function message(content: string, rest: Partial<ChatMessageInput> = {}): ChatMessageInput {
  return { conversation_id: 'c1', role: 'user', content, ...rest };
}

/** Chat: order, paging, immutability. */
export function describeChat({ describe, it, expect, withStorage, codeOf }: Contract): void {
  describe('chat', () => {
    it('gives back what was appended, oldest first', () =>
      withStorage(async ({ chat }) => {
        const first = await chat.append(
          message('one', { metadata: { plan_id: 'p', n: [1, null] } }),
        );
        const second = await chat.append(message('two', { role: 'assistant' }));
        expect(await chat.recent('c1')).toEqual([first, second]);
        expect(first.metadata).toEqual({ plan_id: 'p', n: [1, null] });
        expect(first.seq < second.seq).toBe(true);
        expect(await chat.recent('another')).toEqual([]);
      }));

    it('orders messages of one instant by their appending, through pages', () =>
      withStorage(async ({ chat }) => {
        const created_at = '2026-01-01T00:00:00Z';
        const sent = Array.from({ length: 25 }, (_, index) => message(`m${index}`, { created_at }));
        for (const one of sent) await chat.append(one);
        const pages: string[][] = [];
        let before: string | null = null;
        for (;;) {
          const page = await chat.recent('c1', { limit: 10, before });
          if (page.length === 0) break;
          pages.unshift(page.map((found) => found.content));
          before = page[0]?.id ?? null;
        }
        expect(pages.map((page) => page.length)).toEqual([5, 10, 10]);
        expect(pages.flat()).toEqual(sent.map((one) => one.content));
      }));

    it('keeps conversations apart, whatever they are called', () =>
      withStorage(async ({ chat }) => {
        const names = ['a', 'A', 'a ', "'; DROP TABLE message; --", '😀', 'é', 'e\u0301', '%'];
        await chat.appendMany(names.map((name) => message(name, { conversation_id: name })));
        for (const name of names) {
          expect((await chat.recent(name)).map((found) => found.content)).toEqual([name]);
        }
      }));

    it('takes the same message twice as one, and another under its id as an error', () =>
      withStorage(async ({ chat }) => {
        const id = '0B0E5F3C-6E0C-4B60-9D07-4B3F3F1B9D11';
        const first = await chat.append(message('one', { id }));
        expect(first.id).toBe(id.toLowerCase());
        expect(await chat.append(message('one', { id }))).toEqual(first);
        expect(await codeOf(chat.append(message('two', { id })))).toBe('ID_CONFLICT');
        expect(await codeOf(chat.append(message('one', { id, conversation_id: 'c2' })))).toBe(
          'ID_CONFLICT',
        );
        expect(await chat.recent('c1')).toEqual([first]);
      }));

    it('appends many in order, all of them or none', () =>
      withStorage(async ({ chat }) => {
        const id = '0b0e5f3c-6e0c-4b60-9d07-4b3f3f1b9d12';
        await chat.append(message('taken', { id }));
        expect(await codeOf(chat.appendMany([message('x'), message('y', { id })]))).toBe(
          'ID_CONFLICT',
        );
        expect((await chat.recent('c1')).map((found) => found.content)).toEqual(['taken']);
        const many = await chat.appendMany(
          Array.from({ length: 300 }, (_, index) => message(`${index}`, { conversation_id: 'm' })),
        );
        expect(
          many.every((one, index) => index === 0 || one.seq > (many[index - 1]?.seq ?? 0)),
        ).toBe(true);
        expect(await chat.recent('m', { limit: 1000 })).toEqual(many);
      }));

    it('keeps any text as it is', () =>
      withStorage(async ({ chat }) => {
        const texts = [
          '',
          ' ',
          '\u0000',
          'a\u0000b',
          '😀',
          '\ud800',
          '\r\n',
          '<script>',
          'x'.repeat(1e6),
        ];
        for (const text of texts) {
          await chat.append(message(text, { metadata: { text } }));
        }
        const found = await chat.recent('c1', { limit: texts.length });
        expect(found.map((one) => one.content === one.metadata['text'])).toEqual(
          texts.map(() => true),
        );
        expect(found.map((one) => one.content)).toEqual(texts);
      }));

    it('loses nothing when many append at once', () =>
      withStorage(async ({ chat }) => {
        const sent = Array.from({ length: 200 }, (_, index) => `m${index}`);
        const appended = await Promise.all(sent.map((text) => chat.append(message(text))));
        const found = await chat.recent('c1', { limit: 1000 });
        expect(new Set(found.map((one) => one.content)).size).toBe(200);
        expect(new Set(appended.map((one) => one.seq)).size).toBe(200);
      }));

    it('refuses what is not a message, saying where', () =>
      withStorage(async ({ chat }) => {
        const invalid: unknown[] = [
          { role: 'user', content: 'x' },
          { conversation_id: '', role: 'user', content: 'x' },
          { conversation_id: 'c', role: 'robot', content: 'x' },
          { conversation_id: 'c', role: 'user', content: 5 },
          { conversation_id: 'c', role: 'user', content: 'x', id: 'not-a-uuid' },
          { conversation_id: 'c', role: 'user', content: 'x', created_at: 'yesterday' },
          { conversation_id: 'c', role: 'user', content: 'x', metadata: { when: new Date() } },
          null,
        ];
        for (const input of invalid) {
          // The type says otherwise: input from JavaScript does not.
          const append: (input: never) => Promise<unknown> = (value) => chat.append(value);
          expect(await codeOf(Reflect.apply(append, chat, [input]))).toBe('INVALID_INPUT');
        }
        expect(await codeOf(chat.recent('c', { limit: 0 }))).toBe('INVALID_INPUT');
        expect(await codeOf(chat.recent(''))).toBe('INVALID_INPUT');
        expect(await codeOf(chat.recent('c', { before: 'nothing' }))).toBe('NOT_FOUND');
        expect(await codeOf(chat.append(message('x'.repeat(40e6))))).toBe('ITEM_TOO_LARGE');
      }));
  });
}
