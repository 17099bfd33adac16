import { RequestError } from '../../errors.ts';
import { abortedError, orAborted } from '../abort.ts';
import type { Backoff } from '../backoff.ts';
import { connectionFailed } from '../http-call.ts';
import type { HttpOptions } from '../http-options.ts';
import type { Failure, Received } from '../response.ts';
import type { Sending } from '../sending.ts';
import { TimeBound } from '../time-bound.ts';
import { readEvents } from './read-events.ts';
import { StreamState } from './stream-state.ts';

/** How many documents of the largest size a whole stream may have the bytes of. */
const STREAM_SHARE = 8;

/** A stream that has begun, and what bounds its connection. */
export interface OpenStream {
  response: Response;
  bound: TimeBound;
}

/** How a broken stream is taken up again. */
export interface Resumption {
  backoff: Backoff;
  /** Asks for what comes behind an event. */
  reopen: (lastEventId: number, bound: TimeBound) => Promise<Received>;
}

/**
 * Reads a reply that comes in events. Where the connection breaks, or the stream ends before `done`, the rest is asked for with `Last-Event-ID`: the request itself is never sent again.
 *
 * @throws RequestError `STREAM_INCOMPLETE` where the rest is not to be had; `TIMEOUT`, `RETRY_LATER`, `ABORTED`, as `StreamState.take` and `readEvents`
 */
export async function followStream(
  http: HttpOptions,
  sending: Sending,
  first: OpenStream,
  { backoff, reopen }: Resumption,
): Promise<unknown> {
  const { onEvent } = sending.options;
  const state = new StreamState(sending.request.request_id, onEvent);
  let left = http.maxResponseBytes * STREAM_SHARE;
  let retryMs = 0;
  for (let open = first; ;) {
    const before = state.lastEventId;
    const failure = await readOnce(open);
    if (state.result !== null) return state.result.document;
    if (state.lastEventId > before) backoff.reset();
    const reopened = await reopenAfter(failure);
    if ('document' in reopened) return reopened.document;
    open = reopened;
  }

  /** Reads one connection to its end; throws what another connection would not mend. */
  async function readOnce({ response, bound }: OpenStream): Promise<Failure> {
    bound.rewind(idleTime());
    try {
      await orAborted(readAll(response, bound), bound.signal);
      return incomplete(null);
    } catch (error) {
      if (sending.signal.aborted) throw abortedError(sending.signal);
      if (RequestError.is(error)) throw error;
      if (bound.isOver && idleTime() <= 0) {
        throw new RequestError('TIMEOUT', 'the stream was not done in time', { retryable: true });
      }
      return incomplete(bound.isOver ? null : connectionFailed(error));
    } finally {
      bound.end();
    }
  }

  async function readAll({ body }: Response, bound: TimeBound): Promise<void> {
    if (body === null) return;
    const limits = {
      maxEventBytes: http.maxResponseBytes,
      take: (bytes: number) => {
        bound.rewind(idleTime());
        left -= bytes;
        return left >= 0;
      },
    };
    for await (const part of readEvents(body, limits)) {
      if (part.kind === 'retry') retryMs = part.delayMs;
      else {
        state.take(part.message);
        if (part.message.event === 'done') return;
      }
    }
  }

  async function reopenAfter(failed: Failure): Promise<OpenStream | { document: unknown }> {
    for (let failure = failed; ;) {
      await backoff.next(failure, retryMs);
      onEvent({ type: 'stream_resumed', last_event_id: state.lastEventId });
      const bound = boundOf(http, sending);
      const received = await reopen(state.lastEventId, bound);
      if (received.kind === 'stream') return { response: received.response, bound };
      bound.end();
      if (received.kind === 'document') return received;
      const { error } = received;
      if (error.code === 'UNAUTHORIZED' || error.code === 'PROTOCOL_UNSUPPORTED') throw error;
      // It does not know the request any more, or does not resume: only the caller may send it again.
      if (!error.retryable) throw incomplete(error).error;
      failure = { ...received, error: incomplete(error).error };
    }
  }

  /** Until the stream counts as broken; 0 or less where there is no time left at all. */
  function idleTime(): number {
    // A timer may be early by a fraction of a millisecond.
    return Math.min(http.streamIdleMs, sending.deadline - Date.now() - 1);
  }
}

/** The bound of one attempt: its own time, and what is left until the deadline. */
export function boundOf(http: Pick<HttpOptions, 'timeoutMs'>, sending: Sending): TimeBound {
  return new TimeBound(sending.signal, Math.min(http.timeoutMs, sending.deadline - Date.now()));
}

function incomplete(cause: RequestError | null): Failure {
  const error = new RequestError(
    'STREAM_INCOMPLETE',
    'the stream of the server ended before it was done: nothing of it is used',
    { retryable: true, ...(cause === null ? {} : { details: cause.details, cause }) },
  );
  return { kind: 'failure', error, status: 0, retryAfterMs: null };
}
