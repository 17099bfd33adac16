import { describe, expect, it } from 'vitest';
import { httpTransport, inProcessTransport, type RequestError } from '../../src/index.ts';
import { sendTo } from './http-sending.ts';
import { html, reply, serverThat, type Answer } from './misbehaving-server.ts';

const said = { schema: 'capabilities/v1', protocols: ['1.0', '2.0'], streaming: true };
const json = (document: unknown): Answer =>
  reply(200, 'application/json', JSON.stringify(document));
const { signal } = new AbortController();

async function ask(...answers: Answer[]) {
  await using server = await serverThat(...answers);
  const transport = httpTransport({ url: `${server.url}base`, token: 't' });
  const outcome = await transport.capabilities({ signal }).catch((error: RequestError) => error);
  return { outcome, seen: server.seen };
}

describe('capabilities', () => {
  it('are read below the base URL, what is new in them left out', async () => {
    const { outcome, seen } = await ask(json({ ...said, dancing: true }));
    expect(outcome).toEqual(said);
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/base/.well-known/cloudops' });
  });

  it('of a server of other versions are PROTOCOL_UNSUPPORTED', async () => {
    const { outcome } = await ask(json({ ...said, protocols: ['2.0', '3.1'] }));
    expect(outcome).toMatchObject({
      code: 'PROTOCOL_UNSUPPORTED',
      retryable: false,
      details: { protocols: ['2.0', '3.1'] },
    });
  });

  it.each<[string, Answer, string]>([
    ['a page', reply(200, 'text/html', html), 'BAD_CONTENT_TYPE'],
    ['nonsense', json({ protocols: 'all' }), 'BAD_RESPONSE'],
    ['a stream', reply(200, 'text/event-stream', ''), 'BAD_RESPONSE'],
    ['nothing', reply(404, 'application/problem+json', '{}'), 'SERVER_PROBLEM'],
    ['too much', reply(200, 'application/json', ' '.repeat(2_000_000)), 'RESPONSE_TOO_LARGE'],
  ])('that are %s are %s', async (_what, answer, code) => {
    expect((await ask(answer)).outcome).toMatchObject({ code });
  });

  it('of a planner in this process are those of this package', async () => {
    const transport = inProcessTransport({ plan: () => Promise.reject(new Error('not asked')) });
    expect((await transport.capabilities({ signal })).protocols).toEqual(['1.0']);
  });
});

describe('a server that speaks version 2 only', () => {
  const nothing = reply(404, 'text/html', html);

  it('is told by its capabilities when it has no version 1', async () => {
    const { error, seen } = await sendTo({}, nothing, json({ ...said, protocols: ['2.0'] }));
    expect(error).toMatchObject({ code: 'PROTOCOL_UNSUPPORTED', details: { protocols: ['2.0'] } });
    expect(error?.message).toContain('2.0');
    expect(seen).toHaveLength(2);
  });

  it('is told by its problem', async () => {
    const problem = { code: 'PROTOCOL_UNSUPPORTED', protocols: ['2.0'], detail: 'gone' };
    const { error, seen } = await sendTo(
      {},
      reply(400, 'application/problem+json', JSON.stringify(problem)),
    );
    expect(error).toMatchObject({ code: 'PROTOCOL_UNSUPPORTED', details: { protocols: ['2.0'] } });
    expect(seen).toHaveLength(1);
  });

  it('is told by its media type', async () => {
    const type = 'application/vnd.cloudops.playbook.v2+json';
    const { error } = await sendTo({}, reply(200, type, '{}'));
    expect(error?.code).toBe('PROTOCOL_UNSUPPORTED');
  });

  it('is not what an ordinary refusal is taken for', async () => {
    expect((await sendTo({}, nothing, json(said))).error?.code).toBe('BAD_CONTENT_TYPE');
    expect((await sendTo({}, nothing)).error?.code).toBe('BAD_CONTENT_TYPE');
  });
});
