import { connect } from 'node:net';
import { once } from 'node:events';
import { Problem, type Planner, type PlaybookRequest } from 'cloudops-request-builder/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createServer,
  RulePlanner,
  type PlaybookServer,
  type PlaybookServerOptions,
} from '../../src/index.ts';
import { requestOf } from '../estate.ts';

const TOKEN = 'a-test-token';
const servers: PlaybookServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: Partial<PlaybookServerOptions> = {}): Promise<string> {
  const server = await createServer({ planner: new RulePlanner(), token: TOKEN, ...options });
  servers.push(server);
  return server.url;
}

function post(
  url: string,
  body: PlaybookRequest | string,
  headers: Record<string, string | null> = {},
): Promise<Response> {
  const all = {
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    accept: 'application/vnd.cloudops.playbook.v1+json, text/event-stream',
    'idempotency-key': crypto.randomUUID(),
    ...headers,
  };
  const sent = Object.entries(all).flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, value]],
  );
  return fetch(`${url}/v1/playbooks`, {
    method: 'POST',
    headers: sent,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = Problem.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

/** A planner that counts, and answers when it is told to. */
function heldPlanner(): { planner: Planner; release: () => void; calls: () => number } {
  let calls = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const rules = new RulePlanner();
  return {
    planner: {
      plan: async (request, options) => {
        calls += 1;
        await held;
        return rules.plan(request, options);
      },
    },
    release: () => release(),
    calls: () => calls,
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('POST /v1/playbooks', () => {
  it('answers a request with a playbook', async () => {
    const response = await post(await start(), requestOf('stop the idle staging web servers'));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/vnd.cloudops.playbook.v1+json');
    expect(await response.json()).toMatchObject({ schema: 'playbook/v1', request_id: 'req-1' });
  });

  it('answers with a question where nothing matched', async () => {
    const response = await post(await start(), requestOf('stop the purple servers'));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ schema: 'clarification/v1' });
  });

  it.each([
    ['no token', null],
    ['another token', 'Bearer not-it'],
    ['another scheme', `Basic ${TOKEN}`],
    ['junk', 'Bearer'],
  ])('refuses %s with 401', async (_name, authorization) => {
    const response = await post(await start(), requestOf('list buckets'), { authorization });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await problemOf(response)).toMatchObject({ code: 'UNAUTHORIZED', retryable: false });
  });

  it.each([
    ['a body that is no JSON', '{"a":', {}, 400, 'BAD_JSON'],
    ['no Idempotency-Key', '{}', { 'idempotency-key': null }, 400, 'IDEMPOTENCY_KEY_REQUIRED'],
    ['another type', '{}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['compression', '{}', { 'content-encoding': 'gzip' }, 415, 'UNSUPPORTED_ENCODING'],
    ['an Accept it cannot meet', '{}', { accept: 'text/html' }, 406, 'NOT_ACCEPTABLE'],
  ])('refuses %s', async (_name, body, headers, status, code) => {
    const response = await post(await start(), body, headers);
    expect(response.status).toBe(status);
    expect(await problemOf(response)).toMatchObject({ code });
  });

  it('says where a request breaks the protocol, unknown fields too', async () => {
    const request = { ...requestOf('list buckets'), target: { partition: 'aws' }, when: 'later' };
    const response = await post(await start(), JSON.stringify(request));
    expect(response.status).toBe(400);
    const { code, errors } = await problemOf(response);
    expect(code).toBe('INVALID_REQUEST');
    expect(errors?.map(({ pointer }) => pointer)).toContain('/target/account_id');
    expect(errors?.some(({ message }) => message.includes('when'))).toBe(true);
  });

  it('refuses a body over the limit, with a length and in chunks', async () => {
    const url = await start({ maxBodyBytes: 10_000 });
    const response = await post(url, requestOf('x'.repeat(20_000)));
    expect(response.status).toBe(413);
    expect(await problemOf(response)).toMatchObject({ code: 'REQUEST_TOO_LARGE' });

    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    socket.write(
      `POST /v1/playbooks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
    );
    const [reply] = await once(socket, 'data');
    socket.destroy();
    expect(String(reply)).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('Idempotency-Key', () => {
  it('replays the first answer to the same key and body, and plans once', async () => {
    const held = heldPlanner();
    held.release();
    const url = await start({ planner: held.planner });
    const headers = { 'idempotency-key': 'k1' };
    const first = await (await post(url, requestOf('list buckets'), headers)).text();
    const again = await post(url, requestOf('list buckets'), headers);
    expect(await again.text()).toBe(first);
    expect(again.headers.get('idempotent-replay')).toBe('true');
    expect(held.calls()).toBe(1);
  });

  it('refuses another body under a used key with 422', async () => {
    const url = await start();
    const headers = { 'idempotency-key': 'k1' };
    await post(url, requestOf('list buckets'), headers);
    const response = await post(url, requestOf('stop the staging clusters'), headers);
    expect(response.status).toBe(422);
    expect(await problemOf(response)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('answers 409 while the first is in flight, and goes on for a client that left', async () => {
    const held = heldPlanner();
    const url = await start({ planner: held.planner });
    const headers = { 'idempotency-key': 'k1' };
    const leaving = new AbortController();
    const left = fetch(`${url}/v1/playbooks`, {
      method: 'POST',
      signal: leaving.signal,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(requestOf('list buckets')),
    }).catch(() => 'left');
    await until(() => held.calls() === 1);
    const second = await post(url, requestOf('list buckets'), headers);
    expect(second.status).toBe(409);
    expect(second.headers.get('retry-after')).toBe('1');
    expect(await problemOf(second)).toMatchObject({ code: 'IN_FLIGHT', retryable: true });
    leaving.abort();
    expect(await left).toBe('left');
    held.release();
    let reply = await post(url, requestOf('list buckets'), headers);
    while (reply.status === 409) reply = await post(url, requestOf('list buckets'), headers);
    expect(reply.status).toBe(200);
    expect(held.calls()).toBe(1);
  });

  it('lets a key try again after the planner failed', async () => {
    let calls = 0;
    const rules = new RulePlanner();
    const planner: Planner = {
      plan: (request, options) => {
        calls += 1;
        return calls === 1
          ? Promise.reject(new Error('secret detail'))
          : rules.plan(request, options);
      },
    };
    const url = await start({ planner });
    const headers = { 'idempotency-key': 'k1' };
    const failed = await post(url, requestOf('list buckets'), headers);
    expect(failed.status).toBe(500);
    const problem = await problemOf(failed);
    expect(problem).toMatchObject({ code: 'PLANNER_FAILED', retryable: true, request_id: 'req-1' });
    expect(JSON.stringify(problem)).not.toContain('secret detail');
    expect((await post(url, requestOf('list buckets'), headers)).status).toBe(200);
  });

  it('never sends a playbook that does not follow the protocol', async () => {
    const rules = new RulePlanner();
    const planner: Planner = {
      plan: async (request, options) => ({
        ...(await rules.plan(request, options)),
        steps: [],
      }),
    };
    const response = await post(await start({ planner }), requestOf('list buckets'));
    expect(response.status).toBe(500);
  });

  it.each([
    ['listens to its signal', true],
    ['never answers', false],
  ])('gives up on a planner that %s when its time is up', async (_name, listens) => {
    const planner: Planner = {
      plan: (_request, { signal }) =>
        new Promise((_resolve, reject) => {
          if (listens) signal.addEventListener('abort', () => reject(new Error('given up')));
        }),
    };
    const response = await post(
      await start({ planner, planTimeoutMs: 50 }),
      requestOf('list buckets'),
    );
    expect(response.status).toBe(503);
    expect(await problemOf(response)).toMatchObject({ code: 'PLANNER_TIMEOUT', retryable: true });
  });
});

describe('the server', () => {
  it('says that it is well, without a token', async () => {
    const response = await fetch(`${await start()}/healthz`);
    expect(await response.json()).toEqual({ status: 'ok', protocol: '1.0' });
  });

  it('answers what it does not have with a problem', async () => {
    const url = await start();
    expect(await problemOf(await fetch(`${url}/nothing`))).toMatchObject({ code: 'NOT_FOUND' });
    const authorization = `Bearer ${TOKEN}`;
    const response = await fetch(`${url}/v1/playbooks`, { headers: { authorization } });
    expect(response.headers.get('allow')).toBe('POST');
    expect(await problemOf(response)).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });

  it('refuses an empty token at once', async () => {
    await expect(start({ token: '' })).rejects.toThrow(TypeError);
  });

  it('rejects where the port is taken', async () => {
    const port = Number(new URL(await start()).port);
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('closes with a planner still at work and a connection still open', async () => {
    const held = heldPlanner();
    const server = await createServer({ planner: held.planner, token: TOKEN });
    const pending = post(server.url, requestOf('list buckets')).catch(() => 'cut off');
    await until(() => held.calls() === 1);
    await server.close();
    expect(await pending).toBe('cut off');
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
  });
});
