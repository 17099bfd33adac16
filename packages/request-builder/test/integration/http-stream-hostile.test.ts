import { describe, expect, it } from 'vitest';
import { sendTo } from './http-sending.ts';
import type { Answer, Seen } from './misbehaving-server.ts';
import {
  accepted,
  done,
  type Piece,
  playbook,
  progress,
  reset,
  stay,
  stream,
  streamed,
  whole,
} from './stream-server.ts';

const posts = (seen: Seen[]) => seen.filter(({ method }) => method === 'POST');
const resumedFrom = (seen: Seen[]) =>
  seen.filter(({ method }) => method === 'GET').map(({ headers }) => headers['last-event-id']);

describe('a stream that misbehaves', () => {
  it('has its repeated events dropped, also those that a resumed one repeats', async () => {
    const { document, events } = await sendTo(
      {},
      stream([accepted, accepted, progress, progress, { ...playbook, id: 1 }], reset),
      stream(whole),
    );
    expect(document).toEqual(streamed);
    expect(events.filter(({ type }) => type === 'plan_progress')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'request_accepted')).toHaveLength(1);
  });

  it('has its gaps noticed, and what may be missing asked for again', async () => {
    const { document, seen, events } = await sendTo(
      {},
      stream([accepted, done]),
      stream(whole.slice(1)),
    );
    expect(document).toEqual(streamed);
    expect(events).toContainEqual({ type: 'stream_gap', after: 1, before: 5 });
    expect(resumedFrom(seen)).toEqual(['1']);
  });

  it('that never closes its gap is STREAM_INCOMPLETE', async () => {
    const { error, seen } = await sendTo({}, stream([accepted, done]));
    expect(error?.code).toBe('STREAM_INCOMPLETE');
    expect(posts(seen)).toHaveLength(1);
  });

  it('may have a gap among what is only for display', async () => {
    const { document, seen } = await sendTo({}, stream([accepted, playbook, done]));
    expect(document).toEqual(streamed);
    expect(seen).toHaveLength(1);
  });

  it.each<[string, Piece[], string]>([
    [
      'another request id',
      [{ id: 1, event: 'accepted', data: { request_id: 'x' } }],
      'CONTEXT_MISMATCH',
    ],
    [
      'a wrong digest',
      [playbook, { id: 5, event: 'done', data: { digest: `sha256:${'0'.repeat(64)}` } }],
      'BAD_RESPONSE',
    ],
    ['no digest', [playbook, { id: 5, event: 'done', data: {} }], 'BAD_RESPONSE'],
    ['two replies', [playbook, { id: 5, event: 'playbook', data: { other: 1 } }], 'BAD_RESPONSE'],
    [
      'done and no reply',
      [{ id: 1, event: 'done', data: { digest: `sha256:${'0'.repeat(64)}` } }],
      'BAD_RESPONSE',
    ],
    ['a reply that is no JSON', ['event: playbook\ndata: {{\n\n', accepted], 'BAD_RESPONSE'],
    [
      'a reply that is endlessly deep',
      [`event: playbook\ndata: ${'['.repeat(50_000)}${']'.repeat(50_000)}\n\n`, accepted],
      'BAD_RESPONSE',
    ],
    ['an id that is no number', [{ ...progress, id: 'x' }], 'BAD_RESPONSE'],
    ['an id beyond all numbers', [{ ...progress, id: '9'.repeat(400) }], 'BAD_RESPONSE'],
    ['a problem that is none', [{ id: 1, event: 'problem', data: 7 }], 'BAD_RESPONSE'],
  ])('with %s is refused at once', async (_what, pieces, code) => {
    const { error, seen } = await sendTo({}, stream([...pieces, ': more\n\n'], stay));
    expect(error?.code).toBe(code);
    expect(seen).toHaveLength(1);
  });

  it('with bytes that are no UTF-8 is refused', async () => {
    const answer: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        Buffer.concat([
          Buffer.from('event: playbook\ndata: "'),
          Buffer.from([0xff, 0xfe]),
          Buffer.from('"\n\n'),
        ]),
      );
    };
    expect((await sendTo({}, answer)).error?.code).toBe('BAD_RESPONSE');
  });

  it('loses nothing by display events that are wrong or unknown', async () => {
    const odd = [
      { id: 2, event: 'progress', data: { message: 7 } },
      { id: 3, event: 'sparkles', data: {} },
      'id: 4\nevent: text.delta\ndata: {no JSON\n\n',
      'id: 5\ndata: "no event"\n\n',
    ];
    const { document, events } = await sendTo(
      {},
      stream([accepted, ...odd, { ...playbook, id: 6 }, { ...done, id: 7 }]),
    );
    expect(document).toEqual(streamed);
    expect(events.filter(({ type }) => type === 'stream_event_dropped')).toMatchObject([
      { event: 'progress' },
      { event: 'sparkles' },
      { event: 'text.delta' },
      { event: 'message' },
    ]);
  });

  it.each([
    ['a line without end', 'data: ', 'x'.repeat(64 * 1024)],
    ['an event without end', '', `data: ${'x'.repeat(1000)}\n`],
    ['heartbeats without end', '', ': heartbeat\n\n'.repeat(4000)],
    [
      'events without end',
      '',
      `event: text.delta\ndata: {"text":"${'x'.repeat(1000)}"}\n\n`.repeat(40),
    ],
  ])('with %s is left at its limit', async (_what, first, block) => {
    let written = 0;
    const answer: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(first);
      const more = () => {
        while (!response.destroyed && written < 1024 * 1024 * 1024) {
          written += block.length;
          if (response.write(block)) continue;
          response.once('drain', more);
          return;
        }
      };
      more();
    };
    const { error, seen } = await sendTo({}, answer);
    expect(error).toMatchObject({ code: 'RESPONSE_TOO_LARGE', retryable: false });
    expect(seen).toHaveLength(1);
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });
});
