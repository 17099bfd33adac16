import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultDecider } from '../faults/faults.ts';
import { type AwsCall, identifyCall } from './call.ts';
import type { CallCounts } from './counts.ts';
import { endToEndHeaders, forward } from './forward.ts';
import type { Answer, CallHandler } from './handler.ts';
import { errorAnswer } from './wire-errors.ts';

/** What the proxy is made of. */
export interface ExchangeParts {
  motoPort: number;
  counts: CallCounts;
  faults: FaultDecider;
  handlers: readonly CallHandler[];
}

/** An answer on its way to the caller, from wherever it comes. */
interface Reply {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Readable;
}

/** A form post is a list of parameters; moto itself refuses more than 50 MB. */
const maxFormBytes = 50 * 1024 * 1024;

/** Takes one request all the way: identify, count, disturb, answer. */
export async function handleExchange(
  parts: ExchangeParts,
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

  const { delayMs, effect } = parts.faults.decide(call);
  if (delayMs > 0 && !(await waited(delayMs, outgoing))) return;
  if (effect?.kind === 'error') {
    incoming.resume();
    await send(replyWith(errorAnswer(call, effect.error)), outgoing);
    return;
  }
  if (effect?.kind === 'html') {
    incoming.resume();
    await send(replyWith({ status: effect.status, ...pages[effect.form] }), outgoing);
    return;
  }
  if (effect?.kind === 'reset' && effect.when === 'before') {
    incoming.socket.resetAndDestroy();
    return;
  }
  const reply = await replyTo(parts, call, incoming, form);
  if (effect?.kind === 'reset') {
    await buffer(reply.body);
    incoming.socket.resetAndDestroy();
  } else if (effect?.kind === 'truncate') {
    await sendPart(reply, outgoing, effect.keepShare);
  } else {
    await send(reply, outgoing);
  }
}

const html = { 'content-type': 'text/html; charset=utf-8' };
/** What a proxy or a portal answers. */
const pages = {
  html: {
    headers: html,
    body: '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Sign in</title></head><body><p>Please sign in<br></body></html>',
  },
  xhtml: {
    headers: html,
    body: '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Sign in</title></head><body><p>Please sign in</p></body></html>',
  },
  json: {
    headers: { 'content-type': 'application/json' },
    body: '{"error":"login_required","items":[]}',
  },
};

/** Whether the caller was still there after some time: one who hung up is not waited for. */
async function waited(ms: number, outgoing: ServerResponse): Promise<boolean> {
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  outgoing.once('close', onClose);
  await delay(ms, undefined, { signal: gone.signal }).catch(() => undefined);
  outgoing.off('close', onClose);
  return !gone.signal.aborted;
}

async function replyTo(
  parts: ExchangeParts,
  call: AwsCall,
  incoming: IncomingMessage,
  form: Buffer | null,
): Promise<Reply> {
  const handler = parts.handlers.find((candidate) => candidate.accepts(call));
  if (handler !== undefined) {
    incoming.resume();
    return replyWith(await handler.answer(call));
  }
  const upstream = await forward(parts.motoPort, incoming, form);
  for (const known of parts.handlers) known.completed?.(call);
  return {
    status: upstream.statusCode ?? 502,
    headers: endToEndHeaders(upstream.headers),
    body: upstream,
  };
}

function replyWith({ status, headers, body }: Answer): Reply {
  const length = { 'content-length': Buffer.byteLength(body) };
  return { status, headers: { ...headers, ...length }, body: Readable.from([body]) };
}

async function send(reply: Reply, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(reply.status, reply.headers);
  await pipeline(reply.body, outgoing);
}

/** Promises the whole body and then hangs up in the middle of it. */
async function sendPart(reply: Reply, outgoing: ServerResponse, share: number): Promise<void> {
  const body = await buffer(reply.body);
  outgoing.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
  outgoing.write(body.subarray(0, Math.floor(body.length * share)), () => outgoing.destroy());
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
