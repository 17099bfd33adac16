import { PROBLEM_MEDIA_TYPE, type Problem } from 'cloudops-request-builder/protocol';

/** What a refused request is answered with; the rest of the problem document follows from it. */
export interface ProblemInput {
  /** HTTP status, 400–599. */
  status: number;
  /** Stable name of the problem, in capitals: what a client switches on. */
  code: string;
  /** One sentence on what was wrong and what to do. */
  detail: string;
  /** Whether the same request may succeed later. Default: false. */
  retryable?: boolean;
  /** How long to wait before that, in milliseconds; also sent as `Retry-After` in whole seconds. */
  retryAfterMs?: number;
  /** The request's own id, where the body was readable. */
  requestId?: string;
  /** Where in the body something is wrong, as JSON Pointers. */
  errors?: { pointer: string; message: string }[];
  /** Versions of the protocol that the server speaks, where it is asked in another. */
  protocols?: string[];
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Unauthorized',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  409: 'Conflict',
  413: 'Request too large',
  415: 'Unsupported media type',
  422: 'Unprocessable content',
  500: 'Internal error',
  503: 'Unavailable',
};

/** The `application/problem+json` response (RFC 9457) for a request that was refused. */
export function problemResponse(input: ProblemInput): Response {
  const problem: Problem = {
    type: 'about:blank',
    title: TITLES[input.status] ?? 'Error',
    status: input.status,
    detail: input.detail,
    code: input.code,
    retryable: input.retryable ?? false,
    ...(input.retryAfterMs === undefined ? {} : { retry_after_ms: input.retryAfterMs }),
    ...(input.requestId === undefined ? {} : { request_id: input.requestId }),
    ...(input.errors === undefined ? {} : { errors: input.errors }),
    ...(input.protocols === undefined ? {} : { protocols: input.protocols }),
  };
  const headers = new Headers({ 'content-type': PROBLEM_MEDIA_TYPE });
  if (input.retryAfterMs !== undefined) {
    headers.set('retry-after', String(Math.ceil(input.retryAfterMs / 1000)));
  }
  return new Response(JSON.stringify(problem), { status: input.status, headers });
}
