import { randomBytes } from 'node:crypto';
import type { Capabilities } from '../protocol/capabilities.ts';
import {
  PLAYBOOK_MEDIA_TYPE,
  playbookPath,
  PLAYBOOKS_PATH,
  PROBLEM_MEDIA_TYPE,
} from '../protocol/planner.ts';
import { EVENT_STREAM_MEDIA_TYPE } from '../protocol/stream-event.ts';
import { abortedError } from './abort.ts';
import { Backoff } from './backoff.ts';
import { cancelOnServer } from './cancel.ts';
import { askCapabilities, explainRefusal } from './capabilities.ts';
import { callServer, type Call } from './http-call.ts';
import { resolveHttpOptions, type HttpOptions, type HttpTransportOptions } from './http-options.ts';
import type { Received } from './response.ts';
import type { Sending } from './sending.ts';
import { boundOf, followStream, type Resumption } from './stream/follow.ts';
import type { TimeBound } from './time-bound.ts';
import type { SendOptions, Transport } from './transport.ts';

const ACCEPT = `${PLAYBOOK_MEDIA_TYPE}, ${EVENT_STREAM_MEDIA_TYPE}, ${PROBLEM_MEDIA_TYPE}`;

/** A transport whose other side is a server: it can always be asked what it can do. */
export type HttpTransport = Transport & Required<Pick<Transport, 'capabilities'>>;

/**
 * A server behind HTTP, which replies with a document or with a stream of events.
 *
 * Connection failures, timeouts and the statuses 408, 425, 429, 500, 502, 503 and 504 are retried with full jitter under one deadline, always with the same
 * `Idempotency-Key`. `Retry-After` is obeyed; where it lies beyond the deadline the answer is `RETRY_LATER` at once. On 401 a token function is asked once more.
 * A stream that breaks is resumed, and a request that the caller aborts is cancelled on the server as far as that can be done.
 *
 * @throws RequestError `INVALID_OPTIONS`
 */
export function httpTransport(options: HttpTransportOptions): HttpTransport {
  const http = resolveHttpOptions(options);
  return {
    async send(request, sendOptions) {
      if (sendOptions.signal.aborted) throw abortedError(sendOptions.signal);
      const sending: Sending = {
        request,
        options: sendOptions,
        signal: sendOptions.signal,
        traceId: randomBytes(16).toString('hex'),
        deadline: Date.now() + http.deadlineMs,
        refreshed: null,
      };
      try {
        return await sendWithRetries(http, sending);
      } catch (error) {
        // Nobody waits for that: the caller has its answer at once.
        if (sendOptions.signal.aborted) void cancelOnServer(http, sending);
        throw error;
      }
    },
    capabilities: ({ signal }): Promise<Capabilities> => askCapabilities(http, signal),
  };
}

async function sendWithRetries(http: HttpOptions, sending: Sending): Promise<unknown> {
  const { options, request } = sending;
  const backoff = new Backoff(http, sending);
  const body = JSON.stringify(request);
  const post: Call = {
    method: 'POST',
    path: PLAYBOOKS_PATH,
    accept: ACCEPT,
    headers: { 'content-type': 'application/json', ...keyOf(options) },
    body,
  };
  const resumption: Resumption = {
    backoff,
    reopen: (lastEventId, bound) =>
      callServer(http, sending, resumeCall(sending, lastEventId), bound),
  };
  for (;;) {
    options.onEvent({ type: 'attempt_started', attempt: backoff.attempt });
    const bound = boundOf(http, sending);
    const received = await bounded(bound, callServer(http, sending, post, bound));
    if (received.kind === 'stream') {
      return await followStream(http, sending, { response: received.response, bound }, resumption);
    }
    if (received.kind === 'document') return received.document;
    if (received.error.details['problem_code'] === 'IN_FLIGHT') {
      const followed = await joinWork(http, sending, resumption);
      if (followed !== null) return followed.document;
    }
    await backoff.next({ ...received, error: await explainRefusal(http, sending, received) });
  }
}

/** An earlier attempt is still being worked on: its stream is followed where the server offers one; null where it does not. */
async function joinWork(
  http: HttpOptions,
  sending: Sending,
  resumption: Resumption,
): Promise<{ document: unknown } | null> {
  const bound = boundOf(http, sending);
  const received = await bounded(bound, resumption.reopen(0, bound));
  if (received.kind === 'failure') return null;
  if (received.kind === 'document') return received;
  const { response } = received;
  return { document: await followStream(http, sending, { response, bound }, resumption) };
}

/** What came back within a bound, which ends unless a stream goes on under it. */
async function bounded(bound: TimeBound, call: Promise<Received>): Promise<Received> {
  let goesOn = false;
  try {
    const received = await call;
    goesOn = received.kind === 'stream';
    return received;
  } finally {
    if (!goesOn) bound.end();
  }
}

function resumeCall({ request, options }: Sending, lastEventId: number): Call {
  const headers = keyOf(options);
  if (lastEventId > 0) headers['last-event-id'] = String(lastEventId);
  return {
    method: 'GET',
    path: playbookPath(request.request_id),
    accept: ACCEPT,
    headers,
  };
}

function keyOf({ idempotencyKey }: SendOptions): Record<string, string> {
  return { 'idempotency-key': idempotencyKey };
}
