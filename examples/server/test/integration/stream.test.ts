import { httpTransport, RequestError, type TransportEvent } from 'cloudops-request-builder';
import type { Planner } from 'cloudops-request-builder/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, RulePlanner, type PlaybookServer } from '../../src/index.ts';
import { requestOf } from '../estate.ts';

const TOKEN = 'a-test-token';
const servers: PlaybookServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** A promise and what resolves it. */
function gate() {
  let resolve = () => {};
  const promise = new Promise<void>((open) => {
    resolve = open;
  });
  return { promise, resolve: () => resolve() };
}

/** A planner that says how it goes, and answers when it is told to. */
function slowPlanner() {
  const { promise, resolve } = gate();
  const seen = { calls: 0, aborted: false };
  const rules = new RulePlanner();
  const planner: Planner = {
    plan: async (request, options) => {
      seen.calls += 1;
      options.signal.addEventListener('abort', () => {
        seen.aborted = true;
      });
      options.report?.({ event: 'progress', data: { message: 'reading', completed: 1, total: 2 } });
      options.report?.({ event: 'text.delta', data: { text: 'Two servers.' } });
      await promise;
      return await rules.plan(request, options);
    },
  };
  return { planner, seen, release: resolve };
}

async function start(planner: Planner, heartbeatMs = 15_000) {
  const server = await createServer({ planner, token: TOKEN, streamAfterMs: 20, heartbeatMs });
  servers.push(server);
  const follow = (id: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/v1/playbooks/${id}`, {
      headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream', ...headers },
    });
  return { url: server.url, follow };
}

/** Sends a request as the builder does, and keeps what it is told. */
function send(url: string, signal = new AbortController().signal) {
  const events: TransportEvent[] = [];
  const { promise: started, resolve } = gate();
  const document = httpTransport({ url, token: TOKEN }).send(requestOf('list buckets'), {
    idempotencyKey: 'k1',
    signal,
    onEvent: (event) => {
      events.push(event);
      if (event.type === 'plan_text') resolve();
    },
  });
  return { document, events, started };
}

describe('an answer that takes its time', () => {
  it('is streamed: accepted, what the planner says, the playbook, done', async () => {
    const { planner, release } = slowPlanner();
    const { url } = await start(planner);
    const { document, events, started } = send(url);
    await started;
    release();
    expect(await document).toMatchObject({ schema: 'playbook/v1', request_id: 'req-1' });
    expect(events.map(({ type }) => type)).toEqual([
      'attempt_started',
      'request_accepted',
      'plan_progress',
      'plan_text',
    ]);
  });

  it('can be read again from any event, with heartbeats in between', async () => {
    const { planner, release } = slowPlanner();
    const { url, follow } = await start(planner, 20);
    const { document, started } = send(url);
    await started;
    const rest = follow('req-1', { 'last-event-id': '2' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    release();
    await document;
    const text = await (await rest).text();
    expect(text).toContain(': heartbeat\n\n');
    expect(
      [...text.matchAll(/^id: (\d+)\nevent: (.*)$/gm)].map(([, id, name]) => [id, name]),
    ).toEqual([
      ['3', 'text.delta'],
      ['4', 'playbook'],
      ['5', 'done'],
    ]);
    const all = await (await follow('req-1')).text();
    expect(all.match(/^id: /gm)).toHaveLength(5);
  });

  it('is worked out once, whoever asks again, and both get it', async () => {
    const { planner, seen, release } = slowPlanner();
    const { url } = await start(planner);
    const first = send(url);
    await first.started;
    const second = send(url);
    await second.started;
    release();
    expect(await second.document).toEqual(await first.document);
    expect(seen.calls).toBe(1);
  });

  it('is no longer worked on when the client cancels it', async () => {
    const { planner, seen } = slowPlanner();
    const { url, follow } = await start(planner);
    const controller = new AbortController();
    const { document, events, started } = send(url, controller.signal);
    await started;
    controller.abort();
    await expect(document).rejects.toSatisfy(
      (error) => RequestError.is(error) && error.code === 'ABORTED',
    );
    await expect.poll(() => events.at(-1)).toEqual({ type: 'cancel_sent', status: 204 });
    expect(seen.aborted).toBe(true);
    expect(await (await follow('req-1')).text()).toContain('"code":"CANCELLED"');
  });

  it('that fails ends the stream with the problem', async () => {
    const { promise, resolve } = gate();
    const { url } = await start({
      plan: async () => {
        await promise;
        throw new Error('secret detail');
      },
    });
    const { document } = send(url);
    setTimeout(() => resolve(), 100);
    const error: unknown = await document.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SERVER_PROBLEM', retryable: true });
    expect(String(error)).not.toContain('secret detail');
  });
});

describe('one request', () => {
  it.each([
    ['an id that nobody sent', 'nobody', {}, 404, 'NOT_FOUND'],
    ['an event id that is none', 'req-1', { 'last-event-id': 'x' }, 400, 'BAD_EVENT_ID'],
    ['a client that reads no streams', 'req-1', { accept: 'text/plain' }, 406, 'NOT_ACCEPTABLE'],
  ])('is refused for %s', async (_what, id, headers, status, code) => {
    const { url, follow } = await start(new RulePlanner());
    await send(url).document;
    const response = await follow(id, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it('has its capabilities and its OpenAPI document open to all', async () => {
    const { url } = await start(new RulePlanner());
    const { signal } = new AbortController();
    expect(await httpTransport({ url }).capabilities({ signal })).toMatchObject({
      protocols: ['1.0'],
      streaming: true,
      cancel: true,
    });
    expect(await (await fetch(`${url}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' });
  });

  it('in another version of the protocol is refused with the versions that there are', async () => {
    const { url } = await start(new RulePlanner());
    const response = await fetch(`${url}/v1/playbooks`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'content-type': 'application/json',
        'idempotency-key': 'k',
      },
      body: JSON.stringify({ ...requestOf('list buckets'), protocol: '2.0' }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'PROTOCOL_UNSUPPORTED',
      protocols: ['1.0'],
    });
  });
});
