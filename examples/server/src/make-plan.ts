import {
  Clarification,
  Playbook,
  type Planner,
  type PlaybookRequest,
  type Problem,
} from 'cloudops-request-builder/protocol';
import type { Work } from './work.ts';

/** What became of a request: a reply that follows the protocol, or the problem that is told instead. */
export type Planned =
  | { reply: Playbook | Clarification }
  | { problem: Problem & { status: number; code: string; detail: string } };

/** How long and for whom a planner works. */
export interface PlanBounds {
  /** In milliseconds. */
  planTimeoutMs: number;
  /** Aborted when the server closes. */
  signal: AbortSignal;
}

/** What a planner is answered for when its time is up, whether it listens to the signal or not. */
class GaveUp extends Error {
  override readonly name = 'GaveUp';
}

/** Runs the planner within its time, and checks what it made: an invalid playbook is never sent. */
export async function makePlan(
  planner: Planner,
  request: PlaybookRequest,
  work: Work,
  { planTimeoutMs, signal: closing }: PlanBounds,
): Promise<Planned> {
  // Not tied to the connection: a client that gave up and asks again gets this answer.
  const signal = AbortSignal.any([closing, work.signal, AbortSignal.timeout(planTimeoutMs)]);
  try {
    const reply = await inTime(planner.plan(request, { signal, report: work.report }), signal);
    const schema = reply.schema === 'playbook/v1' ? Playbook : Clarification;
    return { reply: schema.parse(reply) };
  } catch (error) {
    return { problem: { ...problemOf(error, work), request_id: request.request_id } };
  }
}

function problemOf(error: unknown, work: Work) {
  if (work.signal.aborted) {
    return { status: 409, code: 'CANCELLED', detail: 'The client cancelled this request.' };
  }
  if (error instanceof GaveUp) {
    const detail = 'The planner did not answer in time.';
    return { status: 503, code: 'PLANNER_TIMEOUT', detail, retryable: true, retry_after_ms: 2000 };
  }
  const detail = 'The planner failed on this request.';
  return { status: 500, code: 'PLANNER_FAILED', detail, retryable: true };
}

async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(new GaveUp('the planner ran out of time'));
    signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([late, work]);
  } catch (error) {
    throw signal.aborted ? new GaveUp('the planner ran out of time', { cause: error }) : error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
