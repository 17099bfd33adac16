import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PLAYBOOK_MEDIA_TYPE } from '../../src/protocol.ts';
import { httpTransport } from '../../src/server/http-transport.ts';
import { good, send } from './http-sending.ts';
import { serverThat } from './misbehaving-server.ts';

let folder = '';
let certificate = '';
let key = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-tls-'));
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost'.split(' ');
  const named = ['-addext', 'subjectAltName=DNS:localhost', '-keyout', keyPath, '-out', certPath];
  execFileSync('openssl', [...made, ...named], { stdio: 'ignore' });
  [key, certificate] = await Promise.all([readFile(keyPath, 'utf8'), readFile(certPath, 'utf8')]);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A proxy that tunnels whatever it is asked for to one port of this machine. */
async function proxyTo(port: number) {
  const asked: { target: string; authorization: string | undefined }[] = [];
  const tunnels = new Set<Duplex>();
  const server = createHttpServer();
  server.on('connect', (request, socket) => {
    tunnels.add(socket);
    asked.push({
      target: request.url ?? '',
      authorization: request.headers['proxy-authorization'],
    });
    const through = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    through.on('error', () => socket.destroy());
    socket.on('error', () => through.destroy());
  });
  const own = await listening(server);
  return {
    url: `http://127.0.0.1:${own}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      for (const tunnel of tunnels) tunnel.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function tlsServer() {
  const server = createHttpsServer({ key, cert: certificate }, (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': PLAYBOOK_MEDIA_TYPE });
    response.end('{"schema":"anything"}');
  });
  let connections = 0;
  server.on('secureConnection', () => {
    connections += 1;
  });
  const port = await listening(server);
  return {
    url: `https://localhost:${port}/`,
    port,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const portOf = (url: string) => Number(new URL(url).port);

describe('a proxy', () => {
  it('that is named is gone through, with its credentials', async () => {
    await using server = await serverThat(good);
    await using proxy = await proxyTo(portOf(server.url));
    const named = proxy.url.replace('//', '//user:pass%20word@');
    const url = 'http://planner.test/';
    const { document } = await send({ url, allowInsecureHttp: true, proxy: named });
    expect(document).toEqual({ schema: 'anything' });
    expect(proxy.asked).toEqual([
      { target: 'planner.test:80', authorization: `Basic ${btoa('user:pass word')}` },
    ]);
  });

  it('of the environment is gone through, unless NO_PROXY or null says otherwise', async () => {
    await using server = await serverThat(good);
    await using proxy = await proxyTo(portOf(server.url));
    vi.stubEnv('HTTP_PROXY', proxy.url);
    vi.stubEnv('http_proxy', proxy.url);
    const far = { url: 'http://planner.test/', allowInsecureHttp: true, retry: { maxRetries: 0 } };
    expect((await send(far)).document).toEqual({ schema: 'anything' });
    expect((await send({ ...far, proxy: null })).error?.code).toBe('CONNECTION_FAILED');
    expect((await send({ url: server.url })).document).toEqual({ schema: 'anything' });
    vi.stubEnv('NO_PROXY', 'planner.test');
    vi.stubEnv('no_proxy', 'planner.test');
    expect((await send(far)).error?.code).toBe('CONNECTION_FAILED');
    expect(proxy.asked).toHaveLength(1);
  });

  it('that is not there is CONNECTION_FAILED', async () => {
    const url = 'http://planner.test/';
    const { error } = await send({ url, allowInsecureHttp: true, proxy: 'http://127.0.0.1:1' });
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retryable: true });
  });
});

describe('a certificate of an authority of one’s own', () => {
  it('is trusted where it is given, also through a proxy, and only there', async () => {
    await using server = await tlsServer();
    await using proxy = await proxyTo(server.port);
    const { url } = server;
    expect((await send({ url, ca: certificate })).document).toEqual({ schema: 'anything' });
    const through = await send({ url, ca: [certificate], proxy: proxy.url });
    expect(through.document).toEqual({ schema: 'anything' });
    const { error } = await send({ url, retry: { maxRetries: 0 } });
    expect(error?.details).toEqual({ cause: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('keeps connections alive from one request to the next', async () => {
    await using server = await tlsServer();
    const transport = httpTransport({ url: server.url, ca: certificate });
    const { signal } = new AbortController();
    for (let n = 0; n < 10; n += 1) await transport.capabilities({ signal }).catch(() => {});
    // The second may begin before the first is free again.
    expect(server.connections()).toBeLessThan(4);
  });
});

it.each([
  ['a proxy that is no URL', { proxy: 'nonsense' }],
  ['a proxy of another kind', { proxy: 'socks5://127.0.0.1:1' }],
  ['a certificate that is none', { ca: 'nonsense' }],
  ['no certificate', { ca: [] }],
  ['a proxy beside a fetch of one’s own', { proxy: 'http://127.0.0.1:1', fetch }],
  ['headers that no request can carry', { headers: { 'x-a': 'a\r\nb: c' } }],
])('refuses %s', (_what, options) => {
  expect(() => httpTransport({ url: 'https://planner.test', ...options })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS' }),
  );
});
