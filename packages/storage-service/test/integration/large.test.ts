import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { envKey, estateKey, StorageService, type Filter } from 'cloudops-storage-service';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const keys = envKey('KEY', { KEY: randomBytes(32).toString('base64') });

function open(): Promise<StorageService> {
  const path = join(folder, `${randomUUID()}.db`);
  return StorageService.open({ backend: { kind: 'embedded', path }, keys });
}

async function fill(storage: StorageService, conversation: string, count: number): Promise<void> {
  for (let start = 0; start < count; start += 1000) {
    await storage.chat.appendMany(
      Array.from({ length: Math.min(1000, count - start) }, () => ({
        conversation_id: conversation,
        role: 'user',
        content: 'x',
      })),
    );
  }
}

function records(count: number, rest: (index: number) => object = () => ({})) {
  return Array.from({ length: count }, (_, index) => {
    const identity = {
      account_id: '111111111111',
      region: 'eu-west-1',
      resource_id: `ec2:instance/i-${String(index).padStart(6, '0')}`,
    };
    return {
      record: {
        ...identity,
        key: estateKey(identity),
        service: 'ec2',
        resource_type: 'ec2:instance',
        ...rest(index),
      },
    };
  });
}

it('removes a long conversation while others read and write; what comes in meanwhile stays', async () => {
  await using storage = await open();
  await fill(storage, 'long', 12_000);
  await fill(storage, 'other', 1);
  const order: string[] = [];
  const removing = storage.chat.deleteConversation('long').then((count) => {
    order.push('removed');
    return count;
  });
  const answered = storage.chat.recent('other').then((messages) => {
    order.push('answered');
    return messages.length;
  });
  const late = storage.chat.append({ conversation_id: 'long', role: 'user', content: 'late' });
  expect(await answered).toBe(1);
  await late;
  expect(await removing).toBe(12_000);
  expect(order).toEqual(['answered', 'removed']);
  expect((await storage.chat.recent('long')).map(({ content }) => content)).toEqual(['late']);
  const { conversations } = await storage.chat.conversations();
  expect(conversations.map(({ id, messages }) => [id, messages])).toEqual([
    ['long', 1],
    ['other', 1],
  ]);
  expect((await storage.integrityCheck()).problems).toEqual([]);
});

it('pages through everything by key in both directions, each record once', async () => {
  await using storage = await open();
  const items = records(2500, (index) => ({ name: `same ${index % 2}` }));
  await storage.estate.upsert(items);
  const expected = items.map(({ record }) => record.key);
  const filters: (Filter | null)[] = [null, { prefix: { field: 'name', value: 'same' } }];
  for (const filter of filters) {
    for (const direction of ['asc', 'desc'] as const) {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof storage.estate.list>> = await storage.estate.list({
          filter,
          order: { field: 'key', direction },
          limit: 400,
          cursor,
        });
        found.push(...page.records.map(({ key }) => key));
        cursor = page.cursor;
      } while (cursor !== null);
      expect(found).toEqual(direction === 'asc' ? expected : expected.toReversed());
    }
  }
});

it('answers searches of any length and by any number of words', async () => {
  await using storage = await open();
  await storage.estate.upsert(
    records(300, (index) => ({ name: `checkout-${index}`, text: 'production web server' })),
  );
  const many = Array.from({ length: 10_000 }, (_, index) => `word${index}`).join(' ');
  for (const text of [`checkout-7 ${many}`, `checkout-7 ${'x'.repeat(1_000_000)}`]) {
    const [best] = await storage.estate.search({ text, mode: 'keyword' });
    expect(best?.record.name).toBe('checkout-7');
  }
  // A name longer than what the index is asked for is found by its beginning.
  const long = `a-${'bc'.repeat(400)}`;
  await storage.estate.upsert(records(1, () => ({ name: long })));
  const [found] = await storage.estate.search({ text: long, mode: 'keyword' });
  expect(found?.record.name).toBe(long);
});

it('finds the same records by words whether few or many meet the filter', async () => {
  await using storage = await open();
  await storage.estate.upsert(
    records(1000, (index) => ({
      name: `web-${index}`,
      state: index < 100 ? 'stopped' : 'running',
      text: index % 3 === 0 ? 'batch worker' : 'web server',
    })),
  );
  const found = async (filter: Filter) => {
    const results = await storage.estate.search({
      text: 'batch',
      mode: 'keyword',
      filter,
      limit: 50,
    });
    return results.map(({ record }) => record.key).toSorted((a, b) => (a < b ? -1 : 1));
  };
  const few = await found({ eq: { field: 'state', value: 'stopped' } });
  expect(few.length).toBe(34);
  const prefix: Filter = { prefix: { field: 'name', value: 'web-' } };
  const many = await found({ all: [prefix, { eq: { field: 'state', value: 'stopped' } }] });
  expect(many).toEqual(few);
  // A part of a word is looked for where no word fits whole.
  const parts = await storage.estate.search({
    text: 'eb-99',
    mode: 'keyword',
    filter: { eq: { field: 'state', value: 'stopped' } },
  });
  expect(parts[0]?.record.name).toBe('web-99');
});

it('follows a dense graph, each resource by its shortest way', async () => {
  await using storage = await open();
  const targets = records(300).map(({ record }) => ({ type: 'peer', target: record.key }));
  const items = records(300, () => ({ relations: targets }));
  await storage.estate.upsert(items);
  const start = items[0]?.record.key ?? '';
  const related = await storage.estate.related(start, { depth: 5, limit: 1000 });
  expect(related.length).toBe(299);
  expect(new Set(related.map(({ depth, direction }) => `${direction} ${depth}`))).toEqual(
    new Set(['out 1']),
  );
});
