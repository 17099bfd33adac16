import * as fc from 'fast-check';
import { RequestError } from '../../src/errors.ts';
import { documentDigest } from '../../src/protocol.ts';
import { readEvents } from '../../src/server/stream/read-events.ts';
import { StreamState } from '../../src/server/stream/stream-state.ts';

const document = { schema: 'anything' };
const digest = documentDigest(document);
const line = fc.oneof(
  fc.constantFrom(
    'id: 1',
    'id: 2',
    'id: 3',
    'id: -1',
    'id: 9007199254740993',
    'id:',
    'id: \u0000',
    'retry: 5',
    'retry: x',
    'event: accepted',
    'event: progress',
    'event: text.delta',
    'event: playbook',
    'event: done',
    'event: problem',
    'event:',
    'event: toString',
    ': heartbeat',
    'data',
    `data: ${JSON.stringify(document)}`,
    `data: {"digest":"${digest}"}`,
    'data: {"request_id":"r"}',
    'data: null',
    'data: {',
    'data: [[[',
    'data: {"__proto__":1}',
    'data: {"message":"x"}',
    'data: {"text":"\u202e"}',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Bytes that are more or less an event stream, in pieces of any size. */
export const anyStream: fc.Arbitrary<Uint8Array[]> = fc
  .tuple(
    fc.array(fc.tuple(line, fc.constantFrom('\n', '\n\n', '\r\n', '\r', '')), { maxLength: 30 }),
    fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
    fc.option(fc.uint8Array({ maxLength: 4 }), { freq: 20, nil: null }),
  )
  .map(([lines, sizes, noise]) => {
    const text = lines.map(([content, end]) => content + end).join('');
    const bytes = Buffer.concat([Buffer.from(text), noise ?? Buffer.alloc(0)]);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = sizes[pieces.length % sizes.length] ?? 1;
      pieces.push(bytes.subarray(at, at + size));
      at += size;
    }
    return pieces;
  });

/** Reads a stream as the transport does: what it brought, the code of its error, or nothing. Anything else is thrown on. */
export async function outcomeOf(pieces: Uint8Array[]): Promise<unknown> {
  const state = new StreamState('r', () => {});
  const body = (async function* body() {
    yield* pieces;
  })();
  try {
    for await (const part of readEvents(body, { maxEventBytes: 500, take: () => true })) {
      if (part.kind === 'message') state.take(part.message);
      if (state.result !== null) return state.result.document;
    }
    return null;
  } catch (error) {
    if (RequestError.is(error)) return error.code;
    throw error;
  }
}

/** What such a stream may come to. */
export function isExpected(outcome: unknown): boolean {
  const codes = [
    'BAD_RESPONSE',
    'RESPONSE_TOO_LARGE',
    'CONTEXT_MISMATCH',
    'SERVER_PROBLEM',
    'UNAUTHORIZED',
  ];
  return (
    outcome === null ||
    codes.some((code) => code === outcome) ||
    JSON.stringify(outcome) === JSON.stringify(document)
  );
}
