import { randomBytes } from 'node:crypto';
import { RequestError } from '../errors.ts';
import { abortedError, orAborted } from './abort.ts';
import type { HttpOptions } from './http-options.ts';
import { receive, type Failure, type Received } from './response.ts';
import type { CallContext } from './sending.ts';
import type { TimeBound } from './time-bound.ts';

/** One HTTP exchange: method, path below the base URL, and what the protocol wants in it. */
export interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  /** Begins with a slash. */
  path: string;
  accept: string;
  headers?: Record<string, string>;
  body?: string;
}

/**
 * Calls the server once; where it refuses the token and there is a fresh one, once more.
 *
 * @param bound ends the call; of a stream it goes on to bound the reading
 * @throws RequestError `ABORTED`, `UNAUTHORIZED` (no token to be had), `RESPONSE_TOO_LARGE`
 */
export async function callServer(
  http: HttpOptions,
  context: CallContext,
  call: Call,
  bound: TimeBound,
): Promise<Received> {
  const { signal } = context;
  try {
    return await orAborted(exchange(http, context, call, bound.signal), bound.signal);
  } catch (error) {
    if (signal.aborted) throw abortedError(signal);
    if (RequestError.is(error)) throw error;
    return bound.isOver ? timedOut() : failed(connectionFailed(error));
  }
}

/** The error for what `fetch` throws. */
export function connectionFailed(error: unknown): RequestError {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  // A server that sends headers without end does so again.
  const retryable = code !== 'UND_ERR_HEADERS_OVERFLOW';
  return new RequestError(
    retryable ? 'CONNECTION_FAILED' : 'RESPONSE_TOO_LARGE',
    `the connection to the server failed${code && ` (${code})`}`,
    { retryable, details: code === '' ? {} : { cause: code }, cause: error },
  );
}

function timedOut(): Failure {
  return failed(
    new RequestError('TIMEOUT', 'the server did not answer in time', { retryable: true }),
  );
}

function failed(error: RequestError): Failure {
  return { kind: 'failure', error, status: 0, retryAfterMs: null };
}

async function exchange(
  http: HttpOptions,
  context: CallContext,
  call: Call,
  signal: AbortSignal,
): Promise<Received> {
  const token = context.refreshed ?? (await http.tokens.current());
  const received = await callWith(token.value, http, context, call, signal);
  const isRefused = received.kind === 'failure' && received.status === 401;
  if (!isRefused || context.refreshed !== null) return received;
  context.refreshed = await http.tokens.after(token);
  if (context.refreshed === null) return received;
  return await callWith(context.refreshed.value, http, context, call, signal);
}

async function callWith(
  token: string | null,
  http: HttpOptions,
  { traceId }: CallContext,
  call: Call,
  signal: AbortSignal,
): Promise<Received> {
  signal.throwIfAborted();
  const response = await http.fetch(new URL(call.path.slice(1), http.url), {
    method: call.method,
    signal,
    redirect: 'manual',
    ...(call.body === undefined ? {} : { body: call.body }),
    headers: {
      ...http.headers,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      accept: call.accept,
      traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
      ...call.headers,
    },
  });
  return await receive(response, http.maxResponseBytes, Date.now());
}
