import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type AwsCall, identifyCall } from './call.ts';
import type { CallCounts } from './counts.ts';
import { endToEndHeaders, forward } from './forward.ts';

/** A complete answer that the proxy gives itself. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Answers calls that moto does not serve, or not as AWS does. */
export interface CallHandler {
  accepts(call: AwsCall): boolean;
  answer(call: AwsCall): Promise<Answer>;
}

/** What the proxy is made of. */
export interface ProxyParts {
  motoPort: number;
  counts: CallCounts;
  handlers: readonly CallHandler[];
}

/** A proxy that listens on a free loopback port. */
export interface Proxy {
  url: string;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** A form post is a list of parameters; moto itself refuses more than 50 MB. */
const maxFormBytes = 50 * 1024 * 1024;

/** Starts the proxy in front of moto. */
export async function startProxy(parts: ProxyParts): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    handle(parts, incoming, outgoing).catch((error: unknown) => refuse(outgoing, error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => stop(server) };
}

async function handle(
  parts: ProxyParts,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const form = await formBody(incoming);
  const call = identifyCall({
    method: incoming.method ?? 'GET',
    url: new URL(incoming.url ?? '/', 'http://127.0.0.1'),
    headers: incoming.headers,
    form: form?.toString('utf8') ?? null,
  });
  parts.counts.add(call);

  const handler = parts.handlers.find((candidate) => candidate.accepts(call));
  if (handler !== undefined) {
    incoming.resume();
    const answer = await handler.answer(call);
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    return;
  }
  const upstream = await forward(parts.motoPort, incoming, form);
  outgoing.writeHead(upstream.statusCode ?? 502, endToEndHeaders(upstream.headers));
  await pipeline(upstream, outgoing);
}

async function formBody(incoming: IncomingMessage): Promise<Buffer | null> {
  const type = incoming.headers['content-type'] ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return null;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > maxFormBytes) throw new Error(`a form post of more than ${maxFormBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The proxy's own failure (moto has gone, the caller has gone) is a bad gateway, with what happened. */
function refuse(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  outgoing.writeHead(502, { 'content-type': 'text/plain' }).end(`fake AWS: ${reason}\n`);
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
