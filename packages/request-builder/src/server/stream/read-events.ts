import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { RequestError } from '../../errors.ts';

/** What is read of a stream: its events, and how long it wants its reader to wait before it comes again. */
export type StreamPart =
  | { kind: 'message'; message: EventSourceMessage }
  | { kind: 'retry'; delayMs: number };

export interface StreamLimits {
  /** Of one event. */
  maxEventBytes: number;
  /** Told of every chunk, heartbeats too; false where that was too much. */
  take: (bytes: number) => boolean;
}

/**
 * Reads server-sent events. One whose last blank line is missing at a proper end of the stream is an event all the same, unless it was cut off in the middle; what a broken connection
 * left of one is not.
 *
 * @throws RequestError `RESPONSE_TOO_LARGE`, `BAD_RESPONSE` (bytes that are no UTF-8); what the body throws when the connection breaks
 */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
  { maxEventBytes, take }: StreamLimits,
): AsyncGenerator<StreamPart> {
  let parts: StreamPart[] = [];
  let isTooLarge = false;
  const parser = createParser({
    maxBufferSize: maxEventBytes,
    onEvent: (message) => parts.push({ kind: 'message', message }),
    onRetry: (delayMs) => parts.push({ kind: 'retry', delayMs }),
    onError: ({ type }) => {
      isTooLarge ||= type === 'max-buffer-size-exceeded';
    },
  });
  const feed = (text: string): StreamPart[] => {
    parts = [];
    parser.feed(text);
    if (isTooLarge) {
      throw new RequestError(
        'RESPONSE_TOO_LARGE',
        `an event of the server is larger than ${maxEventBytes} characters`,
      );
    }
    return parts;
  };
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of body) {
    if (!take(chunk.byteLength)) {
      throw new RequestError('RESPONSE_TOO_LARGE', 'the stream of the server has no end');
    }
    yield* feed(decoded(decoder, chunk));
  }
  for (const part of feed(`${decoded(decoder)}\n\n`)) {
    if (part.kind === 'retry' || isWhole(part.message)) yield part;
  }
}

function decoded(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (error) {
    throw new RequestError('BAD_RESPONSE', 'the stream of the server has bytes that are no UTF-8', {
      cause: error,
    });
  }
}

function isWhole({ data }: EventSourceMessage): boolean {
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}
