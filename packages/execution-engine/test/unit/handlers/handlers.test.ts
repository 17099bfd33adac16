import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  callbackHandler,
  consoleHandler,
  filterHandler,
  ndjsonHandler,
  sseHandler,
} from '../../../src/index.ts';
import type { ExecutionEvent } from '../../../src/index.ts';

const envelope = { execution_id: 'e1', timestamp: '2026-01-01T00:00:00.000Z' };
const started: ExecutionEvent = {
  type: 'started',
  ...envelope,
  seq: 1,
  pid: 1,
  argv: ['a'],
  attempt: 1,
};
const out: ExecutionEvent = { type: 'stdout', ...envelope, seq: 2, line: 'out\u2028' };
const err: ExecutionEvent = { type: 'stderr', ...envelope, seq: 3, line: 'err', partial: true };
const step: ExecutionEvent = {
  type: 'stdout',
  ...envelope,
  seq: 4,
  line: 'of a step',
  step_id: 's1',
};
const all = [started, out, err, step];

describe('handlers', () => {
  it('print lines, each to its own stream', async () => {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const handler = consoleHandler({ stdout, stderr });
    for (const event of all) await handler.onEvent(event);
    expect(String(stdout.read())).toBe('out\u2028\n[s1] of a step\n');
    expect(String(stderr.read())).toBe('err');
  });

  it('write NDJSON, and wait for a stream that is full', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const handler = ndjsonHandler(stream);
    const waiting = handler.onEvent(out);
    expect(waiting).toBeInstanceOf(Promise);
    expect(JSON.parse(String(stream.read()))).toEqual(out);
    await waiting;
  });

  it('write server-sent events', async () => {
    let text = '';
    const handler = sseHandler((part) => {
      text += part;
    });
    for (const event of all) await handler.onEvent(event);
    const messages = text.split('\n\n').slice(0, -1);
    expect(messages).toHaveLength(4);
    expect(messages[1]).toBe(`id: e1:2\nevent: stdout\ndata: ${JSON.stringify(out)}`);
  });

  it('call what is there for a type, and filter', async () => {
    const seen: number[] = [];
    const handler = filterHandler(
      (event) => event.step_id === undefined,
      callbackHandler({
        started: (event) => void seen.push(event.seq),
        stdout: (event) => void seen.push(event.seq),
      }),
    );
    for (const event of all) await handler.onEvent(event);
    expect(seen).toEqual([1, 2]);
  });
});
