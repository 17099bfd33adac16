import { playbookPath, PROBLEM_MEDIA_TYPE } from '../protocol/planner.ts';
import { callServer } from './http-call.ts';
import type { HttpOptions } from './http-options.ts';
import type { Sending } from './sending.ts';
import { TimeBound } from './time-bound.ts';

/** Longer the server is not waited for: it is told as a courtesy. */
const CANCEL_MS = 2000;

/** Tells the server that nobody waits for a request any more. Never fails: what came of it is an event. */
export async function cancelOnServer(http: HttpOptions, sending: Sending): Promise<void> {
  const { signal } = new AbortController();
  const bound = new TimeBound(signal, CANCEL_MS);
  const { request, options } = sending;
  let status: number | null = null;
  try {
    const received = await callServer(
      http,
      { signal, traceId: sending.traceId, refreshed: sending.refreshed },
      {
        method: 'DELETE',
        path: playbookPath(request.request_id),
        accept: PROBLEM_MEDIA_TYPE,
        headers: { 'idempotency-key': options.idempotencyKey },
      },
      bound,
    );
    if (received.kind === 'failure') status = received.status === 0 ? null : received.status;
    else status = 200;
  } catch {
    // No token to be had, or an answer without end: it could not be told.
  } finally {
    bound.end();
  }
  options.onEvent({ type: 'cancel_sent', status });
}
