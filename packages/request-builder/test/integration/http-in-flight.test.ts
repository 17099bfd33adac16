import { describe, expect, it } from 'vitest';
import { send, sendTo } from './http-sending.ts';
import { reply, serverThat } from './misbehaving-server.ts';
import { accepted, stay, stream, streamed, whole } from './stream-server.ts';

describe('a request that is in flight already', () => {
  const inFlight = reply(409, 'application/problem+json', '{"code":"IN_FLIGHT","retryable":true}', {
    'retry-after': '0',
  });

  it('is followed where the server streams, instead of being sent again and again', async () => {
    const { document, seen } = await sendTo({}, inFlight, stream(whole));
    expect(document).toEqual(streamed);
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  it('is sent again where the server does not', async () => {
    const none = reply(404, 'application/problem+json', '{}');
    const { document, seen } = await sendTo(
      {},
      inFlight,
      none,
      reply(200, 'application/json', JSON.stringify(streamed)),
    );
    expect(document).toEqual(streamed);
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST']);
  });
});

describe('an abort', () => {
  it('while a stream is read ends it at once, and cancels the request on the server', async () => {
    await using server = await serverThat(stream([accepted], stay), reply(204, 'text/plain', ''));
    const controller = new AbortController();
    const sent = send({ url: server.url, token: 't' }, controller.signal);
    await expect.poll(() => server.seen.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const at = performance.now();
    controller.abort();
    const { error, events } = await sent;
    // 50 ms is the goal; this only tells it from waiting for the server.
    expect(performance.now() - at).toBeLessThan(2000);
    expect(error?.code).toBe('ABORTED');
    await expect.poll(() => events.at(-1)).toEqual({ type: 'cancel_sent', status: 204 });
    expect(server.seen[1]).toMatchObject({ method: 'DELETE', url: '/v1/playbooks/request-1' });
    expect(server.seen[1]?.headers).toMatchObject({
      authorization: 'Bearer t',
      'idempotency-key': 'key-1',
    });
  });

  it('does not wait for a server that does not answer to the cancelling', async () => {
    await using server = await serverThat(stay);
    const controller = new AbortController();
    const sent = send({ url: server.url }, controller.signal);
    await expect.poll(() => server.seen.length).toBe(1);
    controller.abort();
    expect((await sent).error?.code).toBe('ABORTED');
    await expect.poll(() => server.seen.at(-1)?.method).toBe('DELETE');
  });

  it('before anything was sent sends nothing, no cancelling either', async () => {
    await using server = await serverThat(stay);
    const { error, events } = await send({ url: server.url }, AbortSignal.abort());
    expect(error?.code).toBe('ABORTED');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.seen).toHaveLength(0);
    expect(events).toEqual([]);
  });
});
