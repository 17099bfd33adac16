import { redactText } from '../context/redact.ts';
import { sanitize } from '../context/sanitize.ts';
import { RequestError } from '../errors.ts';
import type { Json } from '../protocol/json.ts';
import { PLAYBOOK_MEDIA_TYPE, PROBLEM_MEDIA_TYPE } from '../protocol/planner.ts';
import { Problem } from '../protocol/problem.ts';
import { readBody } from './body.ts';
import { retryAfterMs } from './retry-after.ts';

/** What came back for one attempt: a document, or an error with what is known about trying again. */
export type Received =
  | { ok: true; document: unknown }
  | { ok: false; error: RequestError; status: number; retryAfterMs: number | null };

const retriedStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const EXCERPT_BYTES = 256;

/**
 * Reads one HTTP response.
 *
 * @throws RequestError `RESPONSE_TOO_LARGE`; what `fetch` throws when the connection breaks
 */
export async function receive(
  response: Response,
  maxBytes: number,
  now: number,
): Promise<Received> {
  const { status } = response;
  const refused = (error: RequestError, after: number | null = null): Received => ({
    ok: false,
    error,
    status,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), now) ?? after,
  });
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    return refused(redirected(response));
  }
  const bytes = await readBody(response, maxBytes);
  const mediaType = mediaTypeOf(response);
  const isSuccess = status >= 200 && status < 300;
  if (!isSuccess && bytes.byteLength === 0) return refused(serverProblem(status, {}));
  if (!isSuccess && mediaType === PROBLEM_MEDIA_TYPE) {
    const problem = Problem.safeParse(parseJson(bytes)).data ?? {};
    return refused(serverProblem(status, problem), problem.retry_after_ms ?? null);
  }
  const isExpected = mediaType === PLAYBOOK_MEDIA_TYPE || mediaType === 'application/json';
  if (!isSuccess || !isExpected) return refused(badContentType(status, mediaType, bytes));
  const document = parseJson(bytes);
  if (document !== undefined) return { ok: true, document };
  return refused(
    new RequestError('BAD_RESPONSE', `the server answered ${status} with a body that is no JSON`, {
      details: { status, excerpt: excerpt(bytes) },
    }),
  );
}

function serverProblem(status: number, problem: Problem): RequestError {
  const code = status === 401 || status === 403 ? 'UNAUTHORIZED' : 'SERVER_PROBLEM';
  const what = problem.detail ?? problem.title ?? '';
  const masked = redactText(sanitize(what).text, {}).slice(0, 1000);
  const { code: problemCode, errors } = problem;
  const details: Record<string, Json> = { status };
  if (problemCode) details['problem_code'] = problemCode;
  if (problem.request_id) details['request_id'] = problem.request_id;
  if (errors) details['errors'] = errors.map(({ pointer, message }) => ({ pointer, message }));
  return new RequestError(code, `the server answered ${status}${masked && `: ${masked}`}`, {
    retryable: problem.retryable ?? retriedStatuses.has(status),
    details,
  });
}

function badContentType(status: number, mediaType: string, bytes: Uint8Array): RequestError {
  return new RequestError(
    'BAD_CONTENT_TYPE',
    `the server answered ${status} with ${mediaType || 'no content type'} instead of a playbook: is there a proxy or a login page in between?`,
    {
      retryable: retriedStatuses.has(status),
      details: { status, content_type: mediaType, excerpt: excerpt(bytes) },
    },
  );
}

function redirected(response: Response): RequestError {
  const location = response.headers.get('location') ?? '';
  const base = response.url === '' ? undefined : response.url;
  const host = URL.canParse(location, base) ? new URL(location, base).host : '';
  return new RequestError(
    'BAD_RESPONSE',
    `the server answered ${response.status} with a redirect${host && ` to ${host}`}: a request with credentials is not sent on, give the final url`,
    { details: { status: response.status, host } },
  );
}

function mediaTypeOf(response: Response): string {
  const header = response.headers.get('content-type') ?? '';
  return (header.split(';')[0] ?? '').trim().toLowerCase().slice(0, 200);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** The beginning of a body, for a person who looks for the reason; secrets are masked before it is cut. */
function excerpt(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, EXCERPT_BYTES * 8));
  return sanitize(redactText(sanitize(text).text, {}).slice(0, EXCERPT_BYTES)).text;
}
