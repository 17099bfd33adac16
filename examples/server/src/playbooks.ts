import {
  Clarification,
  Playbook,
  PLAYBOOK_MEDIA_TYPE,
  PlaybookRequest,
  type Planner,
} from 'cloudops-request-builder/protocol';
import type { IdempotencyStore, StoredAnswer } from './idempotency.ts';
import { problemResponse } from './problem.ts';

const MAX_KEY_LENGTH = 200;

/** What an answer needs besides the request. */
export interface PlaybookContext {
  planner: Planner;
  /** How long the planner may take, in milliseconds. */
  planTimeoutMs: number;
  /** Aborted when the server closes: ends the planner's work. */
  signal: AbortSignal;
  idempotency: IdempotencyStore;
}

/** Answers `POST /v1/playbooks`: the checks, the planner, and the same answer again for the same key. */
export async function answerPlaybookRequest(
  request: Request,
  options: PlaybookContext,
): Promise<Response> {
  const refused = refuseHeaders(request.headers);
  if (refused !== null) return refused;
  const key = request.headers.get('idempotency-key') ?? '';
  const body = await request.text();
  const parsed = parseRequest(body);
  if (parsed instanceof Response) return parsed;

  const claim = options.idempotency.claim(key, body);
  switch (claim.kind) {
    case 'replay':
      return wire(claim.answer, { 'idempotent-replay': 'true' });
    case 'in_flight':
      return problemResponse({
        status: 409,
        code: 'IN_FLIGHT',
        detail: 'The request with this Idempotency-Key is still being worked on.',
        retryable: true,
        retryAfterMs: 1000,
        requestId: parsed.request_id,
      });
    case 'other_body':
      return problemResponse({
        status: 422,
        code: 'IDEMPOTENCY_KEY_REUSED',
        detail:
          'This Idempotency-Key came with another body before; a new request needs a new key.',
        requestId: parsed.request_id,
      });
    case 'full':
      return problemResponse({
        status: 503,
        code: 'BUSY',
        detail: 'Too many requests are being worked on.',
        retryable: true,
        retryAfterMs: 2000,
        requestId: parsed.request_id,
      });
    case 'new':
      break;
  }
  try {
    const answer = await plan(options.planner, parsed, options);
    claim.finish(answer);
    return wire(answer);
  } catch (error) {
    // Nothing was answered, so the same key may try again.
    claim.release();
    return plannerFailed(error, parsed.request_id);
  }
}

function refuseHeaders(headers: Headers): Response | null {
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity') {
    return problemResponse({
      status: 415,
      code: 'UNSUPPORTED_ENCODING',
      detail: 'Compressed requests are not accepted.',
    });
  }
  const type = headers.get('content-type') ?? '';
  if (!/^application\/(json|[\w.+-]+\+json)\s*(;|$)/i.test(type)) {
    return problemResponse({
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
      detail: 'Send the request as application/json.',
    });
  }
  const accept = headers.get('accept') ?? '*/*';
  if (!/\*\/\*|application\/(\*|json|vnd\.cloudops\.playbook\.v1\+json)/i.test(accept)) {
    return problemResponse({
      status: 406,
      code: 'NOT_ACCEPTABLE',
      detail: `This server answers with ${PLAYBOOK_MEDIA_TYPE}.`,
    });
  }
  const key = headers.get('idempotency-key') ?? '';
  if (key === '' || key.length > MAX_KEY_LENGTH) {
    return problemResponse({
      status: 400,
      code: 'IDEMPOTENCY_KEY_REQUIRED',
      detail: `Send an Idempotency-Key of 1 to ${MAX_KEY_LENGTH} characters.`,
    });
  }
  return null;
}

function parseRequest(body: string): PlaybookRequest | Response {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    return problemResponse({
      status: 400,
      code: 'BAD_JSON',
      detail: `The body is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
  const parsed = PlaybookRequest.safeParse(json);
  if (parsed.success) return parsed.data;
  return problemResponse({
    status: 400,
    code: 'INVALID_REQUEST',
    detail: 'The request does not follow protocol 1.0; see errors.',
    errors: parsed.error.issues.slice(0, 50).map((issue) => ({
      pointer: issue.path
        .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
        .join(''),
      message: issue.message,
    })),
  });
}

/** Runs the planner within its time, and checks what it made: an invalid playbook is never sent. */
async function plan(
  planner: Planner,
  request: PlaybookRequest,
  options: Pick<PlaybookContext, 'planTimeoutMs' | 'signal'>,
): Promise<StoredAnswer> {
  // Not tied to the connection: a client that gave up and asks again gets this answer.
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.planTimeoutMs)]);
  const answer = await inTime(planner.plan(request, { signal }), signal);
  const schema = answer.schema === 'playbook/v1' ? Playbook : Clarification;
  return {
    status: 200,
    contentType: PLAYBOOK_MEDIA_TYPE,
    body: JSON.stringify(schema.parse(answer)),
  };
}

/** What a planner is answered for when its time is up, whether it listens to the signal or not. */
class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(new OutOfTime('the planner ran out of time'));
    signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([late, work]);
  } catch (error) {
    throw signal.aborted ? new OutOfTime('the planner ran out of time', { cause: error }) : error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function plannerFailed(error: unknown, requestId: string): Response {
  if (error instanceof OutOfTime) {
    return problemResponse({
      status: 503,
      code: 'PLANNER_TIMEOUT',
      detail: 'The planner did not answer in time.',
      retryable: true,
      retryAfterMs: 2000,
      requestId,
    });
  }
  return problemResponse({
    status: 500,
    code: 'PLANNER_FAILED',
    detail: 'The planner failed on this request.',
    retryable: true,
    requestId,
  });
}

function wire(answer: StoredAnswer, headers: Record<string, string> = {}): Response {
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'content-type': answer.contentType, ...headers },
  });
}
