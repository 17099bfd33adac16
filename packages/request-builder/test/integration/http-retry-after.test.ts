import { describe, expect, it } from 'vitest';
import { good, send, sendTo } from './http-sending.ts';
import { reply, serverThat } from './misbehaving-server.ts';

describe('Retry-After', () => {
  const limited = (value: string) =>
    reply(429, 'application/problem+json', '{}', { 'retry-after': value });

  it('beyond the deadline is RETRY_LATER at once', async () => {
    const started = Date.now();
    const { error, seen } = await sendTo({ deadlineMs: 60_000 }, limited('120'));
    expect(error?.code).toBe('RETRY_LATER');
    const notBefore = Date.parse(JSON.stringify(error?.details['not_before']).slice(1, -1));
    expect(notBefore).toBeGreaterThanOrEqual(started + 120_000);
    expect(notBefore).toBeLessThan(started + 150_000);
    expect(seen).toHaveLength(1);
  });

  it('as a date beyond the deadline is RETRY_LATER too', async () => {
    const date = new Date(Date.now() + 3_600_000);
    const { error } = await sendTo({ deadlineMs: 60_000 }, limited(date.toUTCString()));
    expect(error?.code).toBe('RETRY_LATER');
  });

  it('within the deadline is waited for, and an abort ends the waiting', async () => {
    await using server = await serverThat(limited('120'));
    const controller = new AbortController();
    const sent = send({ url: server.url, deadlineMs: 300_000 }, controller.signal);
    await expect.poll(() => server.seen.length).toBe(1);
    setTimeout(() => controller.abort(), 100);
    const { error, events } = await sent;
    expect(error?.code).toBe('ABORTED');
    expect(events.at(-1)).toMatchObject({ type: 'retry_scheduled', delay_ms: 120_000 });
  });

  it.each(['0', '-1', 'soon', '', '1e3', new Date(0).toUTCString()])(
    'of %j is no reason to wait',
    async (value) => {
      const { document, seen } = await sendTo({}, limited(value), good);
      expect(document).toBeDefined();
      expect(seen).toHaveLength(2);
    },
  );

  it('in the problem counts where the header is missing', async () => {
    const { error } = await sendTo(
      { deadlineMs: 1000 },
      reply(429, 'application/problem+json', '{"retry_after_ms":5000}'),
    );
    expect(error?.code).toBe('RETRY_LATER');
  });
});
