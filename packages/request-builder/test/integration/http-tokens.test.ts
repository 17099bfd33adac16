import { describe, expect, it } from 'vitest';
import { httpTransport } from '../../src/server/http-transport.ts';
import { good, send, sendTo } from './http-sending.ts';
import { reply, serverThat, smallRequest, type Answer } from './misbehaving-server.ts';

/** Takes one token only. */
const wants =
  (token: string): Answer =>
  (response, seen, request) => {
    const isRight = seen.headers.authorization === `Bearer ${token}`;
    const answer = isRight ? good : reply(401, 'application/problem+json', '{}');
    return answer(response, seen, request);
  };

describe('a token function', () => {
  it('is asked for a refresh once by all requests that were refused together', async () => {
    await using server = await serverThat(wants('fresh'));
    let refreshes = 0;
    let latest = 'stale';
    const transport = httpTransport({
      url: server.url,
      token: async ({ refresh }) => {
        if (!refresh) return latest;
        refreshes += 1;
        await new Promise((resolve) => setTimeout(resolve, 30));
        latest = 'fresh';
        return latest;
      },
    });
    const sendOne = (n: number) =>
      transport.send(
        { ...smallRequest(), request_id: `request-${n}` },
        { idempotencyKey: `${n}`, signal: new AbortController().signal, onEvent: () => {} },
      );
    const documents = await Promise.all(Array.from({ length: 20 }, (_, n) => sendOne(n)));
    expect(documents).toHaveLength(20);
    expect(refreshes).toBe(1);
  });

  it('is asked again when a later token is refused too', async () => {
    let refreshes = 0;
    const issued = ['a', 'b', 'c'];
    await using server = await serverThat(wants('b'), wants('b'), wants('c'), wants('c'));
    const options = {
      url: server.url,
      token: ({ refresh }: { refresh: boolean }) => {
        if (refresh) refreshes += 1;
        return issued[refreshes] ?? '';
      },
    };
    const transport = httpTransport(options);
    for (const key of ['1', '2']) {
      const { signal } = new AbortController();
      await transport.send(smallRequest(), { idempotencyKey: key, signal, onEvent: () => {} });
    }
    expect(refreshes).toBe(2);
  });

  it('keeps the refreshed token over the retries of one request', async () => {
    const asked: boolean[] = [];
    const busy = reply(503, 'application/problem+json', '{}');
    const refused = reply(401, 'application/problem+json', '{}');
    const token = ({ refresh }: { refresh: boolean }) => {
      asked.push(refresh);
      return refresh ? 'fresh' : 'stale';
    };
    const { document } = await sendTo({ token }, refused, busy, busy, good);
    expect(document).toBeDefined();
    expect(asked).toEqual([false, true]);
  });

  it.each([
    ['that throws', () => Promise.reject(new Error('no network'))],
    [
      'whose refresh throws',
      ({ refresh }: { refresh: boolean }) => (refresh ? Promise.reject(new Error('x')) : 'stale'),
    ],
    ['that gives a line break', () => 'a\r\nx-admin: 1'],
    ['that gives nothing', () => ''],
  ])('%s is UNAUTHORIZED, without a retry', async (_what, token) => {
    const { error, seen } = await sendTo({ token }, reply(401, 'application/problem+json', '{}'));
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', retryable: false });
    expect(seen.length).toBeLessThanOrEqual(1);
  });

  it('that hangs in its refresh is left at the deadline', async () => {
    await using server = await serverThat(reply(401, 'application/problem+json', '{}'));
    const token = ({ refresh }: { refresh: boolean }) =>
      refresh ? new Promise<string>(() => {}) : 'stale';
    const { error } = await send({ url: server.url, token, deadlineMs: 300 });
    expect(error?.code).toBe('TIMEOUT');
  });
});
