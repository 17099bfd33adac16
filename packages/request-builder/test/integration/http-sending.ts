import { RequestError } from '../../src/errors.ts';
import { PLAYBOOK_MEDIA_TYPE } from '../../src/protocol.ts';
import type { HttpTransportOptions } from '../../src/server/http-options.ts';
import { httpTransport } from '../../src/server/http-transport.ts';
import type { TransportEvent } from '../../src/server/transport.ts';
import { reply, serverThat, smallRequest, type Answer } from './misbehaving-server.ts';

/** An answer that a transport accepts. */
export const good = reply(200, PLAYBOOK_MEDIA_TYPE, '{"schema":"anything"}');
const quick = { retry: { initialDelayMs: 1, maxDelayMs: 5 } };

interface Outcome {
  document?: unknown;
  error?: RequestError;
  events: TransportEvent[];
}

/** Sends a small request and catches what is thrown. */
export async function send(
  options: HttpTransportOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<Outcome> {
  const events: TransportEvent[] = [];
  const transport = httpTransport({ ...quick, ...options });
  try {
    const document = await transport.send(smallRequest(), {
      idempotencyKey: 'key-1',
      signal,
      onEvent: (event) => events.push(event),
    });
    return { document, events };
  } catch (error) {
    if (!RequestError.is(error)) throw error;
    return { error, events };
  }
}

/** The same to a server that gives these answers. */
export async function sendTo(options: Omit<HttpTransportOptions, 'url'>, ...answers: Answer[]) {
  await using server = await serverThat(...answers);
  const outcome = await send({ url: server.url, ...options });
  return { ...outcome, seen: server.seen };
}
