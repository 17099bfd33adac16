import { describe, expect, it } from 'vitest';
import { sendTo } from './http-sending.ts';
import { reply, type Answer, type Seen } from './misbehaving-server.ts';
import {
  accepted,
  delta,
  done,
  finish,
  playbook,
  progress,
  reset,
  stay,
  stream,
  textOf,
  streamed,
  whole,
} from './stream-server.ts';

const posts = (seen: Seen[]) => seen.filter(({ method }) => method === 'POST');
const resumedFrom = (seen: Seen[]) =>
  seen.filter(({ method }) => method === 'GET').map(({ headers }) => headers['last-event-id']);

describe('a reply in events', () => {
  it('is the document that done confirms, and what is for display comes as events', async () => {
    const preview = { id: 4, event: 'step.preview', data: { id: 's1', title: 'Look \u202e' } };
    const { document, events, seen } = await sendTo(
      {},
      stream([accepted, progress, delta, preview, { ...playbook, id: 5 }, { ...done, id: 6 }]),
    );
    expect(document).toEqual(streamed);
    expect(seen[0]?.headers.accept).toContain('text/event-stream');
    expect(events).toEqual([
      { type: 'attempt_started', attempt: 1 },
      { type: 'request_accepted' },
      { type: 'plan_progress', message: 'looking', completed: 1, total: 3 },
      { type: 'plan_text', text: 'First ' },
      { type: 'plan_step', step_id: 's1', title: 'Look ' },
    ]);
  });

  it.each([
    ['byte by byte', 1],
    ['in sevens', 7],
  ])('may come %s, with a BOM, comments, CR LF and several data lines', async (_how, size) => {
    const text = `\uFEFF: hello\r\n\r\nevent: accepted\r\ndata: {"request_id":\r\ndata: "request-1"}\r\n\r\n${whole
      .slice(3)
      .map(({ event, data }) => `event: ${event}\rdata: ${JSON.stringify(data)}\r\r`)
      .join('')}`;
    const bytes = Buffer.from(text);
    const answer: Answer = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let at = 0; at < bytes.length; at += size) {
        response.write(bytes.subarray(at, at + size));
        if (at % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    };
    expect((await sendTo({}, answer)).document).toEqual(streamed);
  });

  it('ends with a problem as the error that it is', async () => {
    const problem = {
      id: 2,
      event: 'problem',
      data: { status: 503, code: 'MODEL_BUSY', retryable: true, detail: 'token=abcdef123 busy' },
    };
    const { error, seen } = await sendTo({}, stream([accepted, problem]));
    expect(error).toMatchObject({
      code: 'SERVER_PROBLEM',
      retryable: true,
      details: { status: 503, problem_code: 'MODEL_BUSY' },
    });
    expect(error?.message).not.toContain('abcdef123');
    expect(seen).toHaveLength(1);
  });
});

describe('case 9: a stream that breaks', () => {
  it('after three events is resumed behind the last one, and the request is sent once', async () => {
    const { document, seen, events } = await sendTo(
      { token: 't' },
      stream([accepted, progress, delta], reset),
      stream([playbook, done]),
    );
    expect(document).toEqual(streamed);
    expect(posts(seen)).toHaveLength(1);
    expect(resumedFrom(seen)).toEqual(['3']);
    expect(seen[1]?.url).toBe('/v1/playbooks/request-1');
    expect(seen[1]?.headers).toMatchObject({
      authorization: 'Bearer t',
      'idempotency-key': 'key-1',
    });
    expect(events).toContainEqual({ type: 'stream_resumed', last_event_id: 3 });
  });

  it('before its first event is resumed from the start', async () => {
    const { document, seen } = await sendTo({}, stream([': hello\n\n'], reset), stream(whole));
    expect(document).toEqual(streamed);
    expect(posts(seen)).toHaveLength(1);
    expect(resumedFrom(seen)).toEqual([undefined]);
  });

  it.each([
    ['a proper end before done', finish],
    ['a reset between the reply and done', reset],
  ])('by %s gives nothing until done has come', async (_how, stop) => {
    const { document, seen } = await sendTo({}, stream(whole.slice(0, 4), stop), stream([done]));
    expect(document).toEqual(streamed);
    expect(resumedFrom(seen)).toEqual(['4']);
  });

  it('for good is STREAM_INCOMPLETE, and still the request was sent once', async () => {
    const { error, seen } = await sendTo({}, stream(whole.slice(0, 4), reset), stream([], reset));
    expect(error).toMatchObject({ code: 'STREAM_INCOMPLETE', retryable: true });
    expect(posts(seen)).toHaveLength(1);
    expect(resumedFrom(seen)).toHaveLength(3);
  });

  it.each([404, 405, 410])(
    'on a server that does not resume (%i) is STREAM_INCOMPLETE',
    async (status) => {
      const { error, seen } = await sendTo(
        {},
        stream([accepted], reset),
        reply(status, 'application/problem+json', '{}'),
      );
      expect(error).toMatchObject({ code: 'STREAM_INCOMPLETE', retryable: true });
      expect(seen).toHaveLength(2);
    },
  );

  it('goes on with the document itself where the server has that by now', async () => {
    const { document } = await sendTo(
      {},
      stream([accepted], reset),
      reply(200, 'application/json', JSON.stringify(streamed)),
    );
    expect(document).toEqual(streamed);
  });

  it('without its last blank line has its last event all the same', async () => {
    const text = `id: 5\nevent: done\ndata: ${JSON.stringify(done.data)}`;
    const { document, seen } = await sendTo({}, stream([...whole.slice(0, 4), text]));
    expect(document).toEqual(streamed);
    expect(seen).toHaveLength(1);
  });

  it('inside an event has not that event', async () => {
    const { document, seen } = await sendTo(
      {},
      stream([accepted, 'id: 2\nevent: playbook\ndata: {"schema":"any']),
      stream([
        { ...playbook, id: 2 },
        { ...done, id: 3 },
      ]),
    );
    expect(document).toEqual(streamed);
    expect(resumedFrom(seen)).toEqual(['1']);
  });

  it('waits before it is resumed as long as retry: says, and no shorter', async () => {
    const { events } = await sendTo({}, stream(['retry: 300\n\n', accepted], reset), stream(whole));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'retry_scheduled', delay_ms: 300 }),
    );
  });

  it('is given up at the deadline where retry: lies beyond it', async () => {
    const { error } = await sendTo(
      { deadlineMs: 20_000 },
      stream(['retry: 99999999999\n\n', accepted], reset),
    );
    expect(error?.code).toBe('STREAM_INCOMPLETE');
  });

  it('obeys Retry-After when it is resumed', async () => {
    const { error } = await sendTo(
      { deadlineMs: 30_000 },
      stream([accepted], reset),
      reply(503, 'application/problem+json', '{}', { 'retry-after': '60' }),
    );
    expect(error?.code).toBe('RETRY_LATER');
  });

  it('refreshes its token when it is resumed', async () => {
    const token = ({ refresh }: { refresh: boolean }) => (refresh ? 'fresh' : 'stale');
    const { document, seen } = await sendTo(
      { token },
      stream([accepted], reset),
      reply(401, 'application/problem+json', '{}'),
      stream(whole),
    );
    expect(document).toEqual(streamed);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer stale',
      'Bearer stale',
      'Bearer fresh',
    ]);
  });

  it('counts as broken when nothing comes for too long, and as alive by heartbeats', async () => {
    const beat: Answer = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let beats = 0; beats < 15; beats += 1) {
        response.write(': heartbeat\n\n');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      response.end(whole.map(textOf).join(''));
    };
    const silent = stream([accepted], stay);
    const options = { streamIdleMs: 1000 };
    const { seen } = await sendTo(options, silent, stream(whole));
    expect(resumedFrom(seen)).toEqual(['1']);
    const alive = await sendTo({ ...options, retry: { maxRetries: 0 } }, beat);
    expect(alive.document).toEqual(streamed);
  });

  it('is left at the deadline, whatever it drips', async () => {
    const drip: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(':\n\n'), 20);
      response.on('close', () => clearInterval(timer));
    };
    const { error } = await sendTo({ deadlineMs: 400 }, drip);
    expect(error).toMatchObject({ code: 'TIMEOUT', retryable: true });
  });
});
