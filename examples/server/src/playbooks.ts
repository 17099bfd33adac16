import {
  EVENT_STREAM_MEDIA_TYPE,
  PLAYBOOK_MEDIA_TYPE,
  playbookPath,
  type Planner,
  type PlaybookRequest,
} from 'cloudops-request-builder/protocol';
import { acceptsStream, refuseHeaders } from './headers.ts';
import type { Claim, IdempotencyStore, StoredAnswer } from './idempotency.ts';
import { makePlan, type PlanBounds, type Planned } from './make-plan.ts';
import { parseRequest } from './parse-request.ts';
import { problemResponse } from './problem.ts';
import type { WorkRegistry } from './work-registry.ts';
import type { Work } from './work.ts';

/** What an answer needs besides the request. */
export interface PlaybookContext extends PlanBounds {
  planner: Planner;
  idempotency: IdempotencyStore;
  works: WorkRegistry;
  /** An answer that takes longer is streamed, where the client reads streams, in milliseconds. */
  streamAfterMs: number;
  /** Between the comments that keep a stream alive, in milliseconds. */
  heartbeatMs: number;
}

/** Answers `POST /v1/playbooks`: the checks, the planner, and the same answer again for the same key. */
export async function answerPlaybookRequest(
  request: Request,
  context: PlaybookContext,
): Promise<Response> {
  const refused = refuseHeaders(request.headers);
  if (refused !== null) return refused;
  const key = request.headers.get('idempotency-key') ?? '';
  const body = await request.text();
  const parsed = parseRequest(body);
  if (parsed instanceof Response) return parsed;

  const claim = context.idempotency.claim(key, body);
  if (claim.kind === 'replay') return wire(claim.answer, { 'idempotent-replay': 'true' });
  if (claim.kind !== 'new') return refuseClaim(claim.kind, parsed.request_id);
  const work = context.works.begin(parsed.request_id);
  if (work === null) {
    claim.release();
    return problemResponse({
      status: 409,
      code: 'REQUEST_ID_IN_USE',
      detail: 'A request of this request_id is being worked on under another Idempotency-Key.',
      requestId: parsed.request_id,
    });
  }
  const answered = begin(parsed, work, claim, context);
  const { streamAfterMs, heartbeatMs } = context;
  const quick = acceptsStream(request.headers)
    ? await within(answered, streamAfterMs)
    : await answered;
  return quick ?? streamResponse(work, 0, heartbeatMs);
}

/** The stream of a request's work from behind an event on. */
export function streamResponse(work: Work, after: number, heartbeatMs: number): Response {
  const events = work.follow(after, heartbeatMs);
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    async pull(controller) {
      const { value, done } = await events.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await events.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      'content-type': EVENT_STREAM_MEDIA_TYPE,
      'cache-control': 'no-store',
      'content-location': playbookPath(work.requestId),
    },
  });
}

/** Works on a request to its end, whoever still listens. */
async function begin(
  request: PlaybookRequest,
  work: Work,
  claim: Claim & { kind: 'new' },
  context: PlaybookContext,
): Promise<Response> {
  const planned: Planned = await makePlan(context.planner, request, work, context);
  if ('reply' in planned) {
    const body = JSON.stringify(planned.reply);
    const answer = { status: 200, contentType: PLAYBOOK_MEDIA_TYPE, body };
    claim.finish(answer);
    work.finish(planned.reply);
    return wire(answer);
  }
  // Nothing was answered, so the same key may try again.
  claim.release();
  const { problem } = planned;
  work.fail(problem);
  return problemResponse({
    status: problem.status,
    code: problem.code,
    detail: problem.detail,
    retryable: problem.retryable ?? false,
    ...(problem.retry_after_ms ? { retryAfterMs: problem.retry_after_ms } : {}),
    requestId: request.request_id,
  });
}

function refuseClaim(kind: 'in_flight' | 'other_body' | 'full', requestId: string): Response {
  if (kind === 'in_flight') {
    return problemResponse({
      status: 409,
      code: 'IN_FLIGHT',
      detail: 'The request with this Idempotency-Key is still being worked on.',
      retryable: true,
      retryAfterMs: 1000,
      requestId,
    });
  }
  if (kind === 'other_body') {
    return problemResponse({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
      detail: 'This Idempotency-Key came with another body before; a new request needs a new key.',
      requestId,
    });
  }
  return problemResponse({
    status: 503,
    code: 'BUSY',
    detail: 'Too many requests are being worked on.',
    retryable: true,
    retryAfterMs: 2000,
    requestId,
  });
}

/** What a promise gives in time, null where it takes longer. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function wire(answer: StoredAnswer, headers: Record<string, string> = {}): Response {
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'content-type': answer.contentType, ...headers },
  });
}
