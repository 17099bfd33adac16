import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

/** Headers that concern one connection only (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers that go on to the other side. */
export function endToEndHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));
}

/**
 * Sends a request on to moto and resolves with the beginning of its answer; the bodies stream.
 *
 * @param body what was already read of the request, or null to stream it
 */
export function forward(
  port: number,
  incoming: IncomingMessage,
  body: Buffer | null,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      method: incoming.method,
      path: incoming.url,
      headers: endToEndHeaders(incoming.headers),
      // moto closes after each answer.
      agent: false,
    });
    outgoing.once('error', reject);
    outgoing.once('response', resolve);
    if (body === null) incoming.pipe(outgoing);
    else outgoing.end(body);
    // A caller that goes away must not leave moto working for it.
    incoming.once('close', () => {
      if (!incoming.complete) outgoing.destroy();
    });
  });
}
