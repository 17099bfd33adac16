import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RequestError } from '../errors.ts';
import { PLAYBOOK_MEDIA_TYPE, PLAYBOOKS_PATH, PROBLEM_MEDIA_TYPE } from '../protocol/planner.ts';
import { abortedError, orAborted } from './abort.ts';
import { resolveHttpOptions, type HttpOptions, type HttpTransportOptions } from './http-options.ts';
import { receive, type Received } from './response.ts';
import type { SendOptions, Transport } from './transport.ts';

/** One request on its way: what all of its attempts share. */
interface Sending {
  body: string;
  options: SendOptions;
  traceId: string;
  /** Epoch milliseconds. */
  deadline: number;
}

/**
 * A server behind HTTP.
 *
 * Connection failures, timeouts and the statuses 408, 425, 429, 500, 502, 503 and 504 are retried with full jitter under one deadline, always with the same
 * `Idempotency-Key`. `Retry-After` is obeyed; where it lies beyond the deadline the answer is `RETRY_LATER` at once. On 401 a token function is asked once more.
 *
 * @throws RequestError `INVALID_OPTIONS`
 */
export function httpTransport(options: HttpTransportOptions): Transport {
  const resolved = resolveHttpOptions(options);
  return {
    async send(request, sendOptions) {
      const sending: Sending = {
        body: JSON.stringify(request),
        options: sendOptions,
        traceId: randomBytes(16).toString('hex'),
        deadline: Date.now() + resolved.deadlineMs,
      };
      return await sendWithRetries(resolved, sending);
    },
  };
}

async function sendWithRetries(http: HttpOptions, sending: Sending): Promise<unknown> {
  let isTokenFresh = false;
  let retries = 0;
  for (let attempt = 1; ; attempt += 1) {
    sending.options.onEvent({ type: 'attempt_started', attempt });
    const received = await attemptOnce(http, sending, isTokenFresh);
    if (received.ok) return received.document;
    if (received.status === 401 && typeof http.token === 'function' && !isTokenFresh) {
      isTokenFresh = true;
      continue;
    }
    const { error } = received;
    if (!error.retryable || retries >= http.retry.maxRetries) throw error;
    const jitter =
      http.random() * Math.min(http.retry.maxDelayMs, http.retry.initialDelayMs * 2 ** retries);
    const delayMs = Math.ceil(received.retryAfterMs ?? jitter);
    if (Date.now() + delayMs >= sending.deadline) throw beyondDeadline(received, delayMs);
    retries += 1;
    sending.options.onEvent({
      type: 'retry_scheduled',
      attempt: attempt + 1,
      delay_ms: delayMs,
      code: error.code,
      status: received.status === 0 ? null : received.status,
    });
    await wait(delayMs, sending.options.signal);
  }
}

async function attemptOnce(
  http: HttpOptions,
  sending: Sending,
  refreshToken: boolean,
): Promise<Received> {
  const { signal } = sending.options;
  const remaining = Math.max(1, sending.deadline - Date.now());
  const timeout = AbortSignal.timeout(Math.min(http.timeoutMs, remaining));
  const bounded = AbortSignal.any([signal, timeout]);
  try {
    const headers = await orAborted(headersFor(http, sending, refreshToken), bounded);
    const response = await http.fetch(new URL(PLAYBOOKS_PATH.slice(1), http.url), {
      method: 'POST',
      body: sending.body,
      headers,
      signal: bounded,
      redirect: 'manual',
    });
    return await receive(response, http.maxResponseBytes, Date.now());
  } catch (error) {
    if (signal.aborted) throw abortedError(signal);
    if (RequestError.is(error)) throw error;
    const failure = timeout.aborted
      ? new RequestError('TIMEOUT', 'the server did not answer in time', { retryable: true })
      : connectionFailed(error);
    return { ok: false, error: failure, status: 0, retryAfterMs: null };
  }
}

async function headersFor(
  http: HttpOptions,
  { options, traceId }: Sending,
  refresh: boolean,
): Promise<Record<string, string>> {
  const token =
    typeof http.token === 'function' ? await askForToken(http.token, refresh) : http.token;
  return {
    ...http.headers,
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    accept: `${PLAYBOOK_MEDIA_TYPE}, ${PROBLEM_MEDIA_TYPE}`,
    'content-type': 'application/json',
    'idempotency-key': options.idempotencyKey,
    traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
  };
}

async function askForToken(
  token: (options: { refresh: boolean }) => string | Promise<string>,
  refresh: boolean,
): Promise<string> {
  try {
    return await token({ refresh });
  } catch (error) {
    throw new RequestError('UNAUTHORIZED', 'the token function failed', { cause: error });
  }
}

function beyondDeadline(
  { error, retryAfterMs }: Received & { ok: false },
  delayMs: number,
): RequestError {
  if (retryAfterMs === null) return error;
  const notBefore = new Date(Math.min(Date.now() + delayMs, 8.64e15)).toISOString();
  return new RequestError('RETRY_LATER', `the server asks to be left alone until ${notBefore}`, {
    retryable: true,
    details: { ...error.details, not_before: notBefore },
    cause: error,
  });
}

async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch {
    throw abortedError(signal);
  }
}

function connectionFailed(error: unknown): RequestError {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return new RequestError(
    'CONNECTION_FAILED',
    `the connection to the server failed${code && ` (${code})`}`,
    {
      retryable: true,
      details: code === '' ? {} : { cause: code },
      cause: error,
    },
  );
}
