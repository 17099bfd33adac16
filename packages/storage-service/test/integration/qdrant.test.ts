import { afterAll, expect, it } from 'vitest';
import { envKey, StorageService, type Filter, type StorageOptions } from 'cloudops-storage-service';
import { resources, vectorOf } from '../../src/testing/fixtures.ts';
import { startQdrantStandIn } from '../qdrant/stand-in.ts';

const keys = envKey('K', { K: Buffer.alloc(32, 7).toString('base64') });
const server = await startQdrantStandIn({ apiKey: 'right' });
afterAll(() => server.close());

const open = (rest: Partial<Extract<StorageOptions['backend'], { url: string }>> = {}) =>
  StorageService.open({
    backend: { kind: 'qdrant', url: server.url, apiKey: 'right', ...rest },
    keys,
  });

async function fill(storage: StorageService): Promise<void> {
  await storage.chat.append({ conversation_id: 'c', role: 'user', content: 'MARKER-content' });
  await storage.chat.append({
    conversation_id: 'c',
    role: 'execution',
    content: 'MARKER-output',
    metadata: { stderr: 'MARKER-metadata' },
  });
  const items = resources(30, () => ({ attributes: { secret: 'MARKER-attribute' } }));
  await storage.estate.upsert(
    items.map(({ record }, index) => ({ record, vector: vectorOf(index) })),
  );
  await storage.estate.upsert(resources(30, () => ({ attributes: { secret: 'MARKER-changed' } })));
}

it('sends no plain text of content, output, attributes or history', async () => {
  await using storage = await open({ collectionPrefix: 'plain' });
  server.bodies.length = 0;
  await fill(storage);
  expect(server.bodies.length).toBeGreaterThan(5);
  expect(server.bodies.filter((body) => body.includes('MARKER'))).toEqual([]);
  expect((await storage.chat.recent('c'))[1]?.metadata).toEqual({ stderr: 'MARKER-metadata' });
});

it('tries again what may pass, and says what does not', async () => {
  await using storage = await open({ collectionPrefix: 'retry' });
  server.failNext.push(503, 429, 500);
  expect(await storage.estate.count()).toBe(0);
  server.failNext.push(503, 502, 504, 408);
  await storage.chat.append({ conversation_id: 'c', role: 'user', content: 'once' });
  expect((await storage.chat.recent('c')).length).toBe(1);
  for (const [status, code] of [
    [507, 'STORE_FULL'],
    [400, 'BACKEND_FAILED'],
    [404, 'STORE_UNAVAILABLE'],
    [401, 'ACCESS_DENIED'],
    [403, 'ACCESS_DENIED'],
  ] as const) {
    server.failNext.push(status);
    await expect(storage.estate.count()).rejects.toMatchObject({ code });
    expect(server.failNext.length).toBe(0);
  }
});

it('understands what servers and what is before them answer when they cannot', async () => {
  await using storage = await open({ collectionPrefix: 'answers' });
  const json = (error: string) => JSON.stringify({ status: { error }, time: 0 });
  const headers = { 'content-type': 'application/json' };
  // A date where the client expects seconds; a page of a proxy where it expects JSON.
  server.failNext.push({ status: 429, headers: { 'retry-after': 'Wed' }, body: json('slow down') });
  server.failNext.push({
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<h1>no</h1>',
  });
  expect(await storage.estate.count()).toBe(0);
  server.failNext.push({ status: 500, headers, body: json('IO Error: No space left on device') });
  await expect(storage.estate.count()).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(server.failNext).toEqual([]);
  for (const status of ['acknowledged', 'wait_timeout']) {
    server.writeStatus = status;
    const append = storage.chat.append({ conversation_id: 'c', role: 'user', content: 'x' });
    await expect(append).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
  }
  server.writeStatus = 'completed';
  expect((await storage.health()).status).toBe('ok');
});

it('holds the stand-in to the description of the API', async () => {
  const ask = async (path: string, body: unknown) => {
    const headers = { 'api-key': 'right', 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${server.url}/collections/strict_estate/${path}`, request);
    return `${answer.status} ${await answer.text()}`;
  };
  await using _storage = await open({ collectionPrefix: 'strict' });
  expect(await ask('points/count', { filter: {}, exact: true })).toContain('200');
  for (const [path, body, problem] of [
    ['points/count', { filter: { must: [{ key: 'name', match: { like: 'x' } }] } }, 'match'],
    ['points/scroll', { limitt: 5 }, 'limitt'],
    ['points/query', { query: 'x', limit: '5' }, 'limit'],
    ['points/scroll', { limit: 0 }, 'Validation'],
    ['points/scroll', { limit: 200_000 }, 'Limit exceeded'],
    ['points/scroll', { order_by: { key: 'name' } }, 'No range index'],
    [
      'points/count',
      { filter: { must: [{ key: 'secret', match: { value: 'x' } }] } },
      'Index required',
    ],
    ['facet', { key: 'words' }, 'faceting'],
  ] as const) {
    const answer = await ask(path, body);
    expect(answer).toContain('400');
    expect(answer).toContain(problem);
  }
});

it('says when it cannot be used: key, version, address, dimensions', async () => {
  await expect(open({ apiKey: 'wrong' })).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
    message: expect.stringContaining('API key'),
  });
  const old = await startQdrantStandIn({ version: '1.12.5' });
  await expect(open({ url: old.url })).rejects.toMatchObject({
    code: 'STORE_TOO_OLD',
    message: expect.stringContaining('version 1.12.5'),
  });
  await old.close();
  await expect(open({ url: 'localhost' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await using storage = await open({ collectionPrefix: 'size', dimensions: 16 });
  await expect(open({ collectionPrefix: 'size' })).rejects.toMatchObject({
    code: 'EMBEDDING_MISMATCH',
  });
  const [item] = resources(1);
  const upsert = storage.estate.upsert([{ record: item?.record ?? never(), vector: vectorOf(1) }]);
  await expect(upsert).rejects.toMatchObject({ code: 'EMBEDDING_MISMATCH' });
});

it('does without prefix conditions on 1.18, and takes them up on 1.19', async () => {
  const old = await startQdrantStandIn({ version: '1.18.2' });
  const items = resources(12, (index) => ({
    name: index % 3 === 0 ? null : `${index % 2 ? 'web' : 'WEB'}-${index}`,
    tags: { team: `t${index % 4}`, 'a=b': 'c' },
  }));
  const filters: Filter[] = [
    { prefix: { field: 'name', value: 'web' } },
    { not: { prefix: { field: 'name', value: 'web' } } },
    { any: [{ prefix: { field: 'tags.team', value: 't' } }, { all: [] }] },
    { all: [{ prefix: { field: 'tags.team', value: 't1' } }] },
    { prefix: { field: 'tags.a=b', value: '' } },
    { prefix: { field: 'resource_id', value: 'ec2:instance/i-00000' } },
    { prefix: { field: 'name', value: 'nothing' } },
  ];
  const expected = [4, 8, 12, 3, 12, 10, 0];
  for (const version of ['1.18.2', '1.19.0', '1.19.0']) {
    old.version = version;
    old.bodies.length = 0;
    await using storage = await StorageService.open({
      backend: { kind: 'qdrant', url: old.url },
      keys,
    });
    if (version === '1.18.2') await storage.estate.upsert(items);
    const counts: number[] = [];
    for (const filter of filters) counts.push(await storage.estate.count(filter));
    expect(counts).toEqual(expected);
    const found = await storage.estate.search({ text: 'arn:aws:ec2:eu-central', mode: 'keyword' });
    expect(found.length).toBe(12);
    expect(old.bodies.some((body) => body.includes('"match":{"prefix"'))).toBe(
      version !== '1.18.2',
    );
  }
  // The indexes are made anew once, when the server first knows prefixes.
  expect(old.bodies.some((body) => body.includes('field_schema'))).toBe(false);
  await old.close();
});

it('takes over a whole embedded store, and rotates its keys', async () => {
  await using from = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys,
  });
  await fill(from);
  await from.estate.markMissing({
    scope: { account_id: '111111111111' },
    scan_id: 'none',
    started_at: '2025-01-01T00:00:00Z',
  });
  await using to = await open({ collectionPrefix: 'taken' });
  expect(await from.migrateTo(to)).toEqual({ messages: 2, resources: 30 });
  const all = { limit: 1000 };
  expect((await to.estate.list(all)).records).toEqual((await from.estate.list(all)).records);
  const [key = ''] = (await from.estate.list(all)).records.map((record) => record.key);
  expect(await to.estate.history(key)).toEqual(await from.estate.history(key));
  const search = { vector: vectorOf(3), limit: 5 };
  const found = async (storage: StorageService) =>
    (await storage.estate.search(search)).map(({ record, score }) => [
      record.key,
      score.toFixed(4),
    ]);
  expect(await found(to)).toEqual(await found(from));
  expect(await to.rotateKey()).toEqual({ key_number: 2, resealed: 62 });
  expect(await to.integrityCheck()).toMatchObject({ ok: true, messages: 2, resources: 30 });
  expect(await to.stats()).toMatchObject({
    messages: 2,
    resources: 30,
    vectors: 30,
    history_entries: 30,
  });
  await using again = await open({ collectionPrefix: 'taken' });
  expect((await again.chat.recent('c')).length).toBe(2);
});

function never(): never {
  throw new Error('resources(1) gives one.');
}
