import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, expect, it } from 'vitest';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { resources, vectorOf } from '../../src/testing/fixtures.ts';
import { startQdrantStandIn } from '../qdrant/stand-in.ts';

type Fault = 'before it is done' | 'after it was done' | 'in the middle of the answer';

/** Which request fails, how, and how many there were. */
const fault: { at: number; kind: Fault; requests: number } = {
  at: -1,
  kind: 'before it is done',
  requests: 0,
};
const server = await startQdrantStandIn();
const proxy = createServer((request, response) => {
  const forward = async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const kind = fault.requests === fault.at ? fault.kind : null;
    fault.requests += 1;
    if (kind === 'before it is done') {
      request.socket.destroy();
      return;
    }
    const { method = 'GET', url = '/' } = request;
    const answer = await fetch(`${server.url}${url}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (kind === 'after it was done') {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'content-length': body.length,
    });
    if (kind === null) response.end(body);
    else response.write(body.subarray(0, body.length >> 1), () => request.socket.destroy());
  };
  forward().catch(() => request.socket.destroy());
}).listen(0, '127.0.0.1');
await once(proxy, 'listening');
const address = proxy.address();
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await server.close();
});

let stores = 0;

/** Makes a store, writes all that there is to write, and tells what came of it. */
async function outcome(): Promise<unknown[]> {
  stores += 1;
  await using storage = await StorageService.open({
    backend: { kind: 'qdrant', url, collectionPrefix: `lost-${stores}` },
    keys: noEncryption(),
  });
  const { chat, estate } = storage;
  const said = (content: string) => ({ conversation_id: 'c', role: 'user' as const, content });
  const items = resources(3).map(({ record }, index) => ({ record, vector: vectorOf(index) }));
  const changed = items.map(({ record }, index) =>
    index === 0
      ? { record: { ...record, state: 'stopped' }, vector: vectorOf(9) }
      : { record, ...(index === 1 ? { vector: null } : {}) },
  );
  const scope = { account_id: '111111111111' };
  const told = [
    await estate.upsert(items),
    await estate.upsert(changed),
    (await chat.appendMany(['a', 'b', 'c'].map((content) => said(content)))).length,
    (await chat.append(said('d'))).content,
    (await estate.markMissing({ scope, scan_id: 's' })).missing.length,
    await estate.remove([items[2]?.record.key ?? '']),
    (await chat.list()).messages.map(({ content }) => content),
    (await estate.list({ filter: { exists: { field: 'missing_since' } } })).records.map(
      ({ key, state }) => [key, state],
    ),
    (await estate.history(items[0]?.record.key ?? '')).map(({ kind, fields }) => [kind, fields]),
    await storage.stats(),
  ];
  return told;
}

it('makes nothing twice and loses nothing, whichever request or answer is lost', async () => {
  const expected = await outcome();
  const { requests } = fault;
  expect(requests).toBeGreaterThan(50);
  for (const kind of [
    'before it is done',
    'after it was done',
    'in the middle of the answer',
  ] as const) {
    for (let at = 0; at < requests; at += 1) {
      Object.assign(fault, { at, kind, requests: 0 });
      expect([kind, at, await outcome()]).toEqual([kind, at, expected]);
    }
  }
});
