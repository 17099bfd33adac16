import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { noEncryption, StorageError, StorageService } from 'cloudops-storage-service';
import { resource, resources, vectorOf } from '../../src/testing/fixtures.ts';
import { startQdrantStandIn } from '../qdrant/stand-in.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const server = await startQdrantStandIn();
afterAll(() => server.close());

function nested(wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 'x';
  for (let depth = 0; depth < 10_000; depth += 1) value = wrap(value);
  return value;
}
const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

/** What JavaScript can give, whatever the types say. */
const hostile: Readonly<Record<string, unknown>> = {
  undefined,
  null: null,
  zero: 0,
  negative: -1,
  huge: 1e9,
  NaN: Number.NaN,
  infinite: Infinity,
  bigint: 5n,
  symbol: Symbol('s'),
  function: () => 1,
  empty: '',
  text: 'x',
  NUL: '\0',
  surrogate: '\ud800',
  list: [],
  'list of null': [null],
  'list of bigint': [5n],
  object: {},
  date: new Date(),
  map: new Map(),
  promise: Promise.resolve(),
  vector: new Float32Array([Number.NaN]),
  prototype: JSON.parse('{"__proto__":{"x":1},"constructor":{"y":1}}'),
  cyclic,
  'deep object': nested((inner) => ({ inner })),
  'deep list': nested((inner) => [inner]),
};

const record = resource('i-9');
const key = resources(1)[0]?.record.key ?? '';
const message = { conversation_id: 'c', role: 'user', content: 'x' } as const;
const memory = { kind: 'embedded', path: ':memory:' } as const;
const keys = noEncryption();

/** Each public method, with a hostile value in each of its places. */
const places: Readonly<Record<string, (storage: StorageService, value: never) => unknown>> = {
  append: ({ chat }, value) => chat.append(value),
  appendMany: ({ chat }, value) => chat.appendMany(value),
  'append content': ({ chat }, value) => chat.append({ ...message, content: value }),
  'append metadata': ({ chat }, value) => chat.append({ ...message, metadata: { value } }),
  recent: ({ chat }, value) => chat.recent(value),
  'recent options': ({ chat }, value) => chat.recent('c', value),
  'recent limit': ({ chat }, value) => chat.recent('c', { limit: value }),
  'recent before': ({ chat }, value) => chat.recent('c', { before: value }),
  'chat list': ({ chat }, value) => chat.list(value),
  'chat list cursor': ({ chat }, value) => chat.list({ cursor: value }),
  conversations: ({ chat }, value) => chat.conversations(value),
  'conversations cursor': ({ chat }, value) => chat.conversations({ cursor: value }),
  deleteConversation: ({ chat }, value) => chat.deleteConversation(value),
  'chat prune': ({ chat }, value) => chat.prune(value),
  'chat prune signal': ({ chat }, value) =>
    chat.prune({ before: '2020-01-01T00:00:00Z', signal: value }),
  upsert: ({ estate }, value) => estate.upsert(value),
  'upsert item': ({ estate }, value) => estate.upsert([value]),
  'upsert record': ({ estate }, value) => estate.upsert([{ record: value }]),
  'upsert vector': ({ estate }, value) => estate.upsert([{ record, vector: value }]),
  'upsert tags': ({ estate }, value) => estate.upsert([{ record: { ...record, tags: value } }]),
  'upsert attributes': ({ estate }, value) =>
    estate.upsert([{ record: { ...record, attributes: { value } } }]),
  'upsert options': ({ estate }, value) => estate.upsert([{ record }], value),
  get: ({ estate }, value) => estate.get(value),
  'get key': ({ estate }, value) => estate.get([value]),
  list: ({ estate }, value) => estate.list(value),
  'list filter': ({ estate }, value) => estate.list({ filter: value }),
  'list order': ({ estate }, value) => estate.list({ order: value }),
  'list limit': ({ estate }, value) => estate.list({ limit: value }),
  'list cursor': ({ estate }, value) => estate.list({ cursor: value }),
  count: ({ estate }, value) => estate.count(value),
  facets: ({ estate }, value) => estate.facets(value),
  'facets options': ({ estate }, value) => estate.facets('name', null, value),
  search: ({ estate }, value) => estate.search(value),
  'search text': ({ estate }, value) => estate.search({ text: value }),
  'search vector': ({ estate }, value) => estate.search({ vector: value }),
  'search limit': ({ estate }, value) => estate.search({ text: 'x', limit: value }),
  'search mode': ({ estate }, value) => estate.search({ text: 'x', mode: value }),
  'search min_score': ({ estate }, value) => estate.search({ text: 'x', min_score: value }),
  'search signal': ({ estate }, value) => estate.search({ text: 'x', signal: value }),
  history: ({ estate }, value) => estate.history(value),
  'history options': ({ estate }, value) => estate.history('k', value),
  related: ({ estate }, value) => estate.related(value),
  'related options': ({ estate }, value) => estate.related(key, value),
  'related depth': ({ estate }, value) => estate.related(key, { depth: value }),
  markMissing: ({ estate }, value) => estate.markMissing(value),
  'markMissing scope': ({ estate }, value) => estate.markMissing({ scope: value, scan_id: 's' }),
  purge: ({ estate }, value) => estate.purge(value),
  remove: ({ estate }, value) => estate.remove(value),
  integrityCheck: (storage, value) => storage.integrityCheck(value),
  rotateKey: (storage, value) => storage.rotateKey(value),
  exportTo: (storage, value) => storage.exportTo(value),
  importFrom: (storage, value) => storage.importFrom(value),
  migrateTo: (storage, value) => storage.migrateTo(value),
  'backups run': ({ backups }, value) => backups.run(value),
  verify: ({ backups }, value) => backups.verify(value),
  restore: ({ backups }, value) => backups.restore(value, { backend: memory, keys }),
  'restore into': ({ backups }, value) => backups.restore('20200101T000000Z-00000000', value),
  'backups prune': ({ backups }, value) => backups.prune(value),
};

/** Each option with a hostile value. */
const options: Readonly<Record<string, (value: never) => Promise<StorageService>>> = {
  options: (value) => StorageService.open(value),
  backend: (value) => StorageService.open({ backend: value, keys }),
  path: (value) => StorageService.open({ backend: { kind: 'embedded', path: value }, keys }),
  url: (value) => StorageService.open({ backend: { kind: 'qdrant', url: value }, keys }),
  spawn: (value) => StorageService.open({ backend: { kind: 'qdrant', spawn: value }, keys }),
  keys: (value) => StorageService.open({ backend: memory, keys: value }),
  embedder: (value) => StorageService.open({ backend: memory, keys, embedder: value }),
  backup: (value) => StorageService.open({ backend: memory, keys, backup: value }),
  target: (value) => StorageService.open({ backend: memory, keys, backup: { target: value } }),
};

/** What came of a call: nothing, a typed error, or something that is none. */
async function outcome(call: () => unknown): Promise<string> {
  try {
    const result = await call();
    if (result instanceof StorageService) await result.close();
    return 'fine';
  } catch (error) {
    return StorageError.is(error) ? error.code : `untyped: ${String(error)}`;
  }
}

describe.each([
  { name: 'embedded', backend: memory },
  { name: 'qdrant', backend: { kind: 'qdrant', url: server.url } as const },
])('$name', ({ backend }) => {
  it('answers whatever JavaScript can give with a typed error, and stays as it was', async () => {
    await using storage = await StorageService.open({
      backend,
      keys,
      backup: { target: { kind: 'folder', path: join(folder, backend.kind) } },
    });
    const items = resources(3).map(({ record: one }, index) => ({
      record: one,
      vector: vectorOf(index),
    }));
    await storage.estate.upsert(items);
    const untyped: string[] = [];
    for (const [place, call] of Object.entries(places)) {
      for (const [name, value] of Object.entries(hostile)) {
        const came = await outcome(() => Reflect.apply(call, null, [storage, value]));
        if (came.startsWith('untyped')) untyped.push(`${place}(${name}): ${came}`);
      }
    }
    expect(untyped).toEqual([]);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
    expect((await storage.estate.get(items.map((item) => item.record.key))).length).toBe(3);
    expect((await storage.integrityCheck()).ok).toBe(true);
  });
});

it('opens with no options that make no sense', async () => {
  const untyped: string[] = [];
  for (const [place, open] of Object.entries(options)) {
    for (const [name, value] of Object.entries(hostile)) {
      // A file and a host of that name can be.
      if (typeof value === 'string' && (place === 'path' || place === 'url')) continue;
      const came = await outcome(() => Reflect.apply(open, null, [value]));
      const isOptional = value == null && (place === 'embedder' || place === 'backup');
      if (came !== (isOptional ? 'fine' : 'INVALID_INPUT'))
        untyped.push(`${place}(${name}): ${came}`);
    }
  }
  expect(untyped).toEqual([]);
});
