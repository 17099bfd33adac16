import type { SealedCollection, SealedItem, StorageBackend } from '../backends/backend.ts';
import { noEncryption } from '../encryption/key-source.ts';
import { StorageService } from '../service.ts';
import { resources, vectorOf } from './fixtures.ts';
import type { Contract } from './contract.ts';

/** What keys, rotation, backups and migration rest on: documents, sealed bytes, vectors, numbers, the end. */
export function describePort({ describe, it, expect, withBackend, codeOf }: Contract): void {
  describe('port', () => {
    it('replaces a document only while it is as expected, of many at once one', () =>
      withBackend(async ({ documents }) => {
        const read = (name: string) => documents.read(name);
        const replace = (name: string, expected: string | null, text: string) =>
          documents.replace(name, expected, text);
        expect(await read('a')).toBe(null);
        expect(await replace('a', 'other', 'x')).toBe(false);
        expect(await replace('a', null, 'one')).toBe(true);
        expect(await replace('a', null, 'two')).toBe(false);
        expect(await replace('a', 'other', 'two')).toBe(false);
        expect(await read('a')).toBe('one');
        expect(await read('b')).toBe(null);
        const texts = Array.from({ length: 8 }, (_, index) => `${index} "😀"\n${'x'.repeat(9999)}`);
        const done = await Promise.all(texts.map((text) => replace('a', 'one', text)));
        expect(done.filter((isDone) => isDone).length).toBe(1);
        expect(await read('a')).toBe(texts[done.indexOf(true)]);
        const first = await Promise.all(texts.map((text) => replace('new', null, text)));
        expect(first.filter((isDone) => isDone).length).toBe(1);
        expect(await read('new')).toBe(texts[first.indexOf(true)]);
      }));

    it('knows whether it holds data: documents are none, a message or a resource is', () =>
      withBackend(async (backend) => {
        expect(await backend.documents.holdsData()).toBe(false);
        await backend.documents.replace('a', null, 'one');
        expect(await backend.documents.holdsData()).toBe(false);
        const { chat, estate } = await serviceOn(backend);
        const { id } = await chat.append({ conversation_id: 'c', role: 'user', content: 'x' });
        expect(await backend.documents.holdsData()).toBe(true);
        expect((await backend.chat.find(id))?.conversation_id).toBe('c');
        await chat.deleteConversation('c');
        expect(await backend.documents.holdsData()).toBe(false);
        await estate.upsert(resources(1));
        expect(await backend.documents.holdsData()).toBe(true);
      }));

    it('gives out everything sealed once, and replaces it only while it is as expected', () =>
      withBackend(async (backend) => {
        const { chat, estate } = await serviceOn(backend);
        const said = { conversation_id: 'c', role: 'user', content: 'x' } as const;
        const ids = (await chat.appendMany(Array.from({ length: 7 }, () => said))).map(
          ({ id }) => id,
        );
        const items = resources(6);
        const keys = items.map(({ record }) => record.key);
        await estate.upsert(items);
        for (const state of ['b', 'c']) await estate.upsert(resources(2, () => ({ state })));
        const idsOf = async (collection: SealedCollection) =>
          (await sealedItems(backend, collection)).map(({ id }) => id).toSorted();
        expect(await idsOf('messages')).toEqual(ids.toSorted());
        expect(await idsOf('attributes')).toEqual(keys);
        expect(await idsOf('history')).toEqual([keys[0], keys[0], keys[1], keys[1]]);
        for (const collection of ['messages', 'attributes', 'history'] as const) {
          const before = await sealedItems(backend, collection);
          const changed = before.map(({ place, sealed }, index) => ({
            place,
            // What was changed meanwhile stays.
            expected: index === 0 ? Uint8Array.of(9) : sealed,
            sealed: Uint8Array.of(1, 2, index),
          }));
          expect(await backend.sealed.replace(collection, changed)).toBe(before.length - 1);
          const after = await sealedItems(backend, collection);
          expect(after.map(({ place }) => place)).toEqual(before.map(({ place }) => place));
          const bytes = after.map(({ sealed }) => Buffer.from(sealed).toString('hex'));
          const expected = before.map(({ sealed }, index) =>
            Buffer.from(index === 0 ? sealed : Uint8Array.of(1, 2, index)).toString('hex'),
          );
          expect(bytes).toEqual(expected);
        }
      }));

    it('answers in the order of the keys, each as often as it was asked for', () =>
      withBackend(async (backend) => {
        const { estate } = await serviceOn(backend);
        const items = resources(4).map(({ record }, index) => ({
          record: { ...record, content_hash: `hash-${index}` },
          vector: index === 2 ? null : vectorOf(index),
        }));
        await estate.upsert(items);
        const [a = '', b = '', c = '', d = ''] = items.map(({ record }) => record.key);
        const keys = [d, 'nothing', a, c, a, b, 'nothing'];
        const found = await backend.estate.get(keys);
        const known = [d, null, a, c, a, b, null];
        expect(found.map((stored) => stored?.record.key ?? null)).toEqual(known);
        expect((await estate.get(keys)).map((record) => record?.key ?? null)).toEqual(known);
        const digests = await backend.estate.digests(keys);
        expect(digests.map((digest) => digest?.content_hash ?? null)).toEqual([
          'hash-3',
          null,
          'hash-0',
          'hash-2',
          'hash-0',
          'hash-1',
          null,
        ]);
        const vectors = await backend.estate.vectors(keys);
        expect(vectors.map((vector) => vector === null)).toEqual([
          false,
          true,
          false,
          true,
          false,
          false,
          true,
        ]);
        for (const [place, seed] of [
          [0, 3],
          [2, 0],
          [4, 0],
          [5, 1],
        ] as const) {
          expect(cosine(vectors[place] ?? null, vectorOf(seed))).toBeCloseTo(1, 4);
        }
      }));

    it('knows how much it holds', () =>
      withBackend(async (backend) => {
        const storage = await serviceOn(backend);
        const said = { conversation_id: 'c', role: 'user', content: 'x' } as const;
        await storage.chat.appendMany([said, said, { ...said, conversation_id: 'd' }]);
        const items = resources(4).map(({ record }, index) => ({
          record: { ...record, scan_id: index === 3 ? 'scan' : 'earlier' },
          vector: index < 2 ? vectorOf(index) : null,
        }));
        await storage.estate.upsert(items);
        await storage.estate.markMissing({
          scope: { account_id: '111111111111' },
          scan_id: 'scan',
        });
        const { bytes: _bytes, free_bytes: _free, ...numbers } = await backend.maintenance.stats();
        expect(numbers).toEqual({
          messages: 3,
          conversations: 2,
          resources: 1,
          tombstones: 3,
          vectors: 2,
          history_entries: 3,
        });
        expect(await backend.maintenance.check()).toEqual([]);
        await backend.maintenance.compact();
        expect((await storage.estate.list()).records.length).toBe(1);
      }));

    it('ends what was called before it is closed, and nothing after', () =>
      withBackend(async (backend) => {
        const calls = Array.from({ length: 20 }, () => backend.documents.read('a'));
        await backend.close();
        const ends = await Promise.all(calls.map((call) => codeOf(call)));
        expect(ends).toEqual(ends.map(() => 'resolved'));
        expect(await codeOf(backend.documents.read('a'))).toBe('CLOSED');
        expect(await codeOf(backend.estate.count(null))).toBe('CLOSED');
        expect(await codeOf(backend.chat.find('0b0e5f3c-6e0c-4b60-9d07-4b3f3f1b9d12'))).toBe(
          'CLOSED',
        );
      }));
  });
}

function serviceOn(backend: StorageBackend): Promise<StorageService> {
  return StorageService.open({ backend, keys: noEncryption() });
}

/** All of a collection, in pages of two. */
async function sealedItems(
  backend: StorageBackend,
  collection: SealedCollection,
): Promise<SealedItem[]> {
  const items: SealedItem[] = [];
  for (;;) {
    const after = items.at(-1)?.place ?? null;
    const page = await backend.sealed.page({ collection, after, limit: 2 });
    if (page.length === 0) return items;
    items.push(...page);
  }
}

function cosine(a: Float32Array | null, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  return a === null ? 0 : dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
