import { randomUUID } from 'node:crypto';
import { QdrantClient, type Schemas } from '@qdrant/js-client-rest';
import { expect, it } from 'vitest';
import { noEncryption, StorageService, type ChatMessage } from 'cloudops-storage-service';

/** Groups of so many messages have one `seq`: the page of 500 of an export ends within one, and so do most others. */
const groups = [1, 2, 7, 3, 1, 4];

/** Two machines that append in one millisecond may give one `seq`: here many messages have it, as they would then. */
export function describeOnePlace(url: () => string): void {
  it('gives each message and conversation once where several have one place', async () => {
    const collectionPrefix = randomUUID();
    await using storage = await StorageService.open({
      backend: { kind: 'qdrant', url: url(), collectionPrefix },
      keys: noEncryption(),
    });
    const all = await storage.chat.appendMany(
      Array.from({ length: 520 }, (_, index) => ({
        conversation_id:
          index % 20 === 0 ? `few-${index % 3}` : index < 400 ? `c${index % 31}` : `own-${index}`,
        role: index % 2 ? 'user' : 'assistant',
        content: `${index}`,
      })),
    );
    const placed = await shareSeqs(
      new QdrantClient({ url: url() }),
      `${collectionPrefix}_chat`,
      all,
    );
    const ids = (messages: readonly ChatMessage[]) => messages.map(({ id }) => id);

    const users = placed.filter(({ role }) => role === 'user');
    const few = placed.filter(({ conversation_id }) => conversation_id === 'few-1');
    expect(ids(await listed(storage, 7, {}))).toEqual(ids(placed));
    expect(ids(await listed(storage, 1000, {}))).toEqual(ids(placed));
    expect(ids(await listed(storage, 10, { roles: ['user'] }))).toEqual(ids(users));
    for (const limit of [1, 2, 3, 1000]) {
      const list = await listed(storage, limit, { conversation_id: 'few-1' });
      expect([limit, ids(list)]).toEqual([limit, ids(few)]);
      expect([limit, ids(await recent(storage, limit, 'few-1'))]).toEqual([limit, ids(few)]);
    }

    const { conversations } = await storage.chat.conversations({ limit: 1000 });
    expect(conversations.length).toBe(148);
    // The 100 messages that are looked at first end 98 conversations, the last of them beside one that is not among these.
    for (const limit of [5, 30, 97]) {
      const paged: typeof conversations = [];
      let cursor: string | null = null;
      do {
        const page = await storage.chat.conversations({ limit, cursor });
        paged.push(...page.conversations);
        ({ cursor } = page);
      } while (cursor !== null);
      expect([limit, paged]).toEqual([limit, conversations]);
    }

    await using copy = await StorageService.open({
      backend: { kind: 'embedded', path: ':memory:' },
      keys: noEncryption(),
    });
    expect(await storage.migrateTo(copy)).toEqual({ messages: 520, resources: 0 });
    expect(ids(await listed(copy, 1000, {}))).toEqual(ids(placed));
  });
}

/** Gives neighbours one `seq`; returns the messages in the order that they have then. */
async function shareSeqs(
  client: QdrantClient,
  collection: string,
  messages: readonly ChatMessage[],
): Promise<ChatMessage[]> {
  const placed: ChatMessage[] = [];
  const operations: Schemas['UpdateOperation'][] = [];
  for (let turn = 0; placed.length < messages.length; turn += 1) {
    const start = placed.length;
    const group = messages.slice(start, start + (groups[turn % groups.length] ?? 1));
    const seq = group[0]?.seq ?? 0;
    operations.push({ set_payload: { payload: { seq }, points: group.map(({ id }) => id) } });
    placed.push(...group.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  }
  await client.batchUpdate(collection, { operations, wait: true });
  return placed;
}

async function listed(
  { chat }: StorageService,
  limit: number,
  options: Parameters<StorageService['chat']['list']>[0],
): Promise<ChatMessage[]> {
  const messages: ChatMessage[] = [];
  let cursor: string | null = null;
  do {
    const page = await chat.list({ ...options, limit, cursor });
    messages.push(...page.messages);
    ({ cursor } = page);
  } while (cursor !== null);
  return messages;
}

async function recent(
  { chat }: StorageService,
  limit: number,
  conversation: string,
): Promise<ChatMessage[]> {
  const messages: ChatMessage[] = [];
  for (;;) {
    const page = await chat.recent(conversation, { limit, before: messages[0]?.id ?? null });
    if (page.length === 0) return messages;
    messages.unshift(...page);
  }
}
