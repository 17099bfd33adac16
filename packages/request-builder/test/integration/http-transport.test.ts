import { describe, expect, it } from 'vitest';
import { PLAYBOOK_MEDIA_TYPE } from '../../src/protocol.ts';
import { httpTransport } from '../../src/server/http-transport.ts';
import { good, send, sendTo } from './http-sending.ts';
import { html, reply, serverThat, smallRequest, type Answer } from './misbehaving-server.ts';

describe('httpTransport', () => {
  it('posts the request with the headers of the protocol', async () => {
    const { document, seen } = await sendTo({ token: 'secret-token' }, good);
    expect(document).toEqual({ schema: 'anything' });
    expect(seen[0]?.url).toBe('/v1/playbooks');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(smallRequest());
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer secret-token',
      'idempotency-key': 'key-1',
      'content-type': 'application/json',
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    });
    expect(seen[0]?.headers.accept).toContain(PLAYBOOK_MEDIA_TYPE);
  });

  it('keeps a path in the base URL', async () => {
    await using server = await serverThat(good);
    await send({ url: `${server.url}planner/api` });
    expect(server.seen[0]?.url).toBe('/planner/api/v1/playbooks');
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('retries %i with the same key', async (status) => {
    const { document, seen } = await sendTo(
      {},
      reply(status, 'application/problem+json', '{}'),
      good,
    );
    expect(document).toBeDefined();
    expect(seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-1', 'key-1']);
  });

  it.each([400, 403, 404, 409, 413, 422])('does not retry %i', async (status) => {
    const { error, seen } = await sendTo(
      {},
      reply(status, 'application/problem+json', '{"code":"NO","detail":"no, token=abcdef123"}'),
    );
    expect(error?.code).toBe(status === 403 ? 'UNAUTHORIZED' : 'SERVER_PROBLEM');
    expect(error?.details).toMatchObject({ status, problem_code: 'NO' });
    expect(error?.message).not.toContain('abcdef123');
    expect(seen).toHaveLength(1);
  });

  it('retries a 409 that the server calls retryable: the first attempt is still in flight', async () => {
    const inFlight = reply(409, 'application/problem+json', '{"retryable":true}');
    const { document, seen } = await sendTo({}, inFlight, inFlight, good);
    expect(document).toBeDefined();
    expect(seen).toHaveLength(3);
  });

  it('gives up after three retries', async () => {
    const { error, seen } = await sendTo({}, reply(503, 'application/problem+json', '{}'));
    expect(error?.code).toBe('SERVER_PROBLEM');
    expect(error?.retryable).toBe(true);
    expect(seen).toHaveLength(4);
  });

  it('calls a login page in HTML what it is, without a retry', async () => {
    const { error, seen } = await sendTo({}, reply(200, 'text/html', html));
    expect(error?.code).toBe('BAD_CONTENT_TYPE');
    expect(error?.details['excerpt']).toContain('Sign in');
    expect(error?.details['excerpt']).not.toContain('hunter2secret');
    expect(JSON.stringify(error?.details['excerpt']).length).toBeLessThanOrEqual(256 + 20);
    expect(seen).toHaveLength(1);
  });

  it('retries a 502 in HTML and then says what came', async () => {
    const { error, seen } = await sendTo({}, reply(502, 'text/html', html));
    expect(error?.code).toBe('BAD_CONTENT_TYPE');
    expect(error?.details['status']).toBe(502);
    expect(seen).toHaveLength(4);
  });

  it('retries a reset before and inside the body', async () => {
    const resetEarly: Answer = (_response, _seen, request) => {
      request.socket.destroy();
    };
    const resetLate: Answer = (response, _seen, request) => {
      response.writeHead(200, { 'content-type': PLAYBOOK_MEDIA_TYPE, 'content-length': '100' });
      response.write('{"schema":', () => request.socket.destroy());
    };
    const { document, seen, events } = await sendTo({}, resetEarly, resetLate, good);
    expect(document).toEqual({ schema: 'anything' });
    expect(seen).toHaveLength(3);
    expect(events.filter(({ type }) => type === 'retry_scheduled')).toMatchObject([
      { code: 'CONNECTION_FAILED' },
      { code: 'CONNECTION_FAILED' },
    ]);
  });

  it('fails with CONNECTION_FAILED where nobody listens', async () => {
    const server = await serverThat(good);
    await server[Symbol.asyncDispose]();
    const { error } = await send({ url: server.url });
    expect(error?.code).toBe('CONNECTION_FAILED');
    expect(error?.details).toEqual({ cause: 'ECONNREFUSED' });
  });

  it('does not follow a redirect with its token', async () => {
    const { error, seen } = await sendTo(
      { token: 't' },
      reply(307, 'text/html', '', { location: 'https://elsewhere.example/login?x=1' }),
    );
    expect(error?.code).toBe('BAD_RESPONSE');
    expect(error?.details).toEqual({ status: 307, host: 'elsewhere.example' });
    expect(seen).toHaveLength(1);
  });

  it('asks for a fresh token once', async () => {
    const asked: boolean[] = [];
    const token = ({ refresh }: { refresh: boolean }) => {
      asked.push(refresh);
      return refresh ? 'fresh' : 'stale';
    };
    const unauthorized = reply(401, 'application/problem+json', '{}');
    const first = await sendTo({ token }, unauthorized, good);
    expect(first.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer stale',
      'Bearer fresh',
    ]);
    expect(first.document).toBeDefined();
    const second = await sendTo({ token }, unauthorized);
    expect(second.error?.code).toBe('UNAUTHORIZED');
    expect(second.seen).toHaveLength(2);
    expect(asked).toEqual([false, true, false, true]);
    const fixed = await sendTo({ token: 'fixed' }, unauthorized);
    expect(fixed.seen).toHaveLength(1);
  });

  it('gives up on a server that is silent', async () => {
    const { error, events } = await sendTo(
      { timeoutMs: 100, retry: { maxRetries: 1, initialDelayMs: 1 } },
      () => {},
    );
    expect(error?.code).toBe('TIMEOUT');
    // Whether the server ever saw them is a matter of how busy the machine is.
    expect(events.filter(({ type }) => type === 'attempt_started')).toHaveLength(2);
  });

  it('gives up on a server that drips', async () => {
    const drip: Answer = (response) => {
      response.writeHead(200, { 'content-type': PLAYBOOK_MEDIA_TYPE });
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(timer));
    };
    const { error } = await sendTo({ deadlineMs: 300 }, drip);
    expect(error?.code).toBe('TIMEOUT');
  });

  it('aborts a request in flight', async () => {
    await using server = await serverThat(() => {});
    const controller = new AbortController();
    const sent = send({ url: server.url }, controller.signal);
    await expect.poll(() => server.seen.length).toBe(1);
    controller.abort();
    expect((await sent).error?.code).toBe('ABORTED');
  });

  it('aborts while the token function hangs', async () => {
    await using server = await serverThat(good);
    const token = () => new Promise<string>(() => {});
    const outcome = await send({ url: server.url, token }, AbortSignal.timeout(20));
    expect(outcome.error?.code).toBe('ABORTED');
    expect(server.seen).toHaveLength(0);
  });

  it.each([
    ['ftp://x.example'],
    ['http://planner.example'],
    ['https://user:password@planner.example'],
    ['nonsense'],
  ])('refuses the url %s', (url) => {
    expect(() => httpTransport({ url })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
  });
});
