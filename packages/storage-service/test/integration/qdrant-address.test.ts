import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, expect, it } from 'vitest';
import { noEncryption, StorageError, StorageService } from 'cloudops-storage-service';
import { clientParams } from '../../src/backends/qdrant/connection.ts';
import { startQdrantStandIn } from '../qdrant/stand-in.ts';

const server = await startQdrantStandIn();
const others: Server[] = [];
afterAll(async () => {
  for (const other of others) other.close();
  await server.close();
});

/** What comes of opening storage at an address: a code and what is said, or what is no typed error. */
async function outcome(url: unknown, rest: object = {}): Promise<string> {
  try {
    // The type says otherwise: options from JavaScript do not.
    const open = (backend: never) => StorageService.open({ backend, keys: noEncryption() });
    const opened = await Reflect.apply(open, null, [{ kind: 'qdrant', url, ...rest }]);
    await opened.close();
    return 'opened';
  } catch (error) {
    return StorageError.is(error) ? `${error.code} ${error.message}` : `untyped ${String(error)}`;
  }
}

async function answering(status: number, body: string): Promise<string> {
  const other = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  others.push(other);
  await once(other, 'listening');
  const address = other.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

it('says when something else than a Qdrant server answers', async () => {
  for (const body of ['{}', 'null', '{"version":5}', '{"version":"one"}']) {
    expect(await outcome(await answering(200, body))).toMatch(/^STORE_UNAVAILABLE .*no Qdrant/u);
  }
});

it('passes on why a server refuses: a key, or writes while it is locked', async () => {
  const locked = '{"status":{"error":"Storage locked: disk is being moved"},"time":0}';
  expect(await outcome(await answering(403, locked))).toMatch(
    /^ACCESS_DENIED .*Storage locked: disk is being moved/u,
  );
});

it('refuses a key that cannot be sent, without repeating it', async () => {
  for (const apiKey of ['secret\nkey', 'secret key', 'secretключ', '\0secret', 5, ['secret']]) {
    const said = await outcome(server.url, { apiKey });
    expect(said).toMatch(/^INVALID_INPUT backend\.apiKey/u);
    expect(said).not.toContain('secret');
  }
  // As it comes out of a file.
  expect(await outcome(server.url, { apiKey: 'key\n' })).toBe('opened');
});

it('takes an address as it was meant, or says that it cannot', async () => {
  for (const part of ['?a=b', '#a', '/?api-key=x']) {
    expect(await outcome(`${server.url}${part}`)).toMatch(/^INVALID_INPUT backend\.url/u);
  }
  expect(await outcome(server.url.replace('//', '//user:secret@'))).toBe(
    'INVALID_INPUT backend.url: expected host, port and path alone; a key belongs in backend.apiKey',
  );
  for (const [url, host, port, prefix] of [
    ['http://h:80', 'h', 80, ''],
    ['HTTP://h:0080/', 'h', 80, ''],
    ['https://h:443/a/b/', 'h', 443, '/a/b'],
    ['http://h', 'h', 6333, ''],
    ['https://h', 'h', 443, ''],
    ['http://[::1]:80/x', '[::1]', 80, '/x'],
    ['http://[::80]', '[::80]', 6333, ''],
    ['http://h/a:80', 'h', 6333, '/a:80'],
  ] as const) {
    expect(clientParams({ kind: 'qdrant', url }, 1000)).toMatchObject({ host, port, prefix });
  }
});

it('refuses settings that a server would take and nobody could use', async () => {
  for (const [name, values] of Object.entries({
    dimensions: [0, -8, 1.5, 12, '384', Number.NaN, 100_000],
    collectionPrefix: ['', 'a/b', '..\\a', 'x'.repeat(300), 5, 'a\0'],
    timeoutMs: [0, -1, Number.NaN, 1e12, '5'],
    replicationFactor: [0, 1.5, '2'],
    writeConsistencyFactor: [0, Infinity],
    shardNumber: [0, -1],
  })) {
    for (const value of values) {
      const said = await outcome(server.url, { [name]: value });
      expect([name, value, said.split(':')[0]]).toEqual([
        name,
        value,
        `INVALID_INPUT backend.${name}`,
      ]);
    }
  }
});
