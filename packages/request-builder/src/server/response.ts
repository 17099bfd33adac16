import { redactText } from '../context/redact.ts';
import { sanitize } from '../context/sanitize.ts';
import { RequestError } from '../errors.ts';
import { PLAYBOOK_MEDIA_TYPE, PROBLEM_MEDIA_TYPE } from '../protocol/planner.ts';
import { Problem } from '../protocol/problem.ts';
import { EVENT_STREAM_MEDIA_TYPE } from '../protocol/stream-event.ts';
import { readBody } from './body.ts';
import { isRetriedStatus, problemError } from './problem-error.ts';
import { retryAfterMs } from './retry-after.ts';

/** An attempt that brought no reply, with what is known about trying again. Status 0: no answer at all. */
export interface Failure {
  kind: 'failure';
  error: RequestError;
  status: number;
  retryAfterMs: number | null;
}

/** What came back for one attempt. */
export type Received =
  | { kind: 'document'; document: unknown }
  | { kind: 'stream'; response: Response }
  | Failure;

const EXCERPT_BYTES = 256;

/**
 * Reads one HTTP response, apart from a stream, whose events are read as they come.
 *
 * @throws RequestError `RESPONSE_TOO_LARGE`; what `fetch` throws when the connection breaks
 */
export async function receive(
  response: Response,
  maxBytes: number,
  now: number,
): Promise<Received> {
  const { status } = response;
  const failure = (error: RequestError, after: number | null = null): Failure => ({
    kind: 'failure',
    error,
    status,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), now) ?? after,
  });
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    return failure(redirected(response));
  }
  const mediaType = mediaTypeOf(response);
  const isSuccess = status >= 200 && status < 300;
  if (status === 200 && mediaType === EVENT_STREAM_MEDIA_TYPE) return { kind: 'stream', response };
  const bytes = await readBody(response, maxBytes);
  if (!isSuccess && bytes.byteLength === 0) return failure(problemError(status, {}));
  if (!isSuccess && mediaType === PROBLEM_MEDIA_TYPE) {
    const problem = Problem.safeParse(parseJson(bytes)).data ?? {};
    return failure(problemError(status, problem), problem.retry_after_ms ?? null);
  }
  const isExpected = mediaType === PLAYBOOK_MEDIA_TYPE || mediaType === 'application/json';
  if (
    isSuccess &&
    /^application\/vnd\.cloudops\.playbook\.v\d+\+json$/.test(mediaType) &&
    !isExpected
  ) {
    return failure(otherVersion(mediaType));
  }
  if (!isSuccess || !isExpected) return failure(badContentType(status, mediaType, bytes));
  const document = parseJson(bytes);
  if (document !== undefined) return { kind: 'document', document };
  return failure(
    new RequestError('BAD_RESPONSE', `the server answered ${status} with a body that is no JSON`, {
      details: { status, excerpt: excerpt(bytes) },
    }),
  );
}

/** The error for a reply in a version of the protocol that this package does not speak. */
export function otherVersion(what: string): RequestError {
  return new RequestError(
    'PROTOCOL_UNSUPPORTED',
    `the server answered with ${what}, and this client speaks version 1 of the protocol`,
    { details: { received: what } },
  );
}

function badContentType(status: number, mediaType: string, bytes: Uint8Array): RequestError {
  return new RequestError(
    'BAD_CONTENT_TYPE',
    `the server answered ${status} with ${mediaType || 'no content type'} instead of a playbook: is there a proxy or a login page in between?`,
    {
      retryable: isRetriedStatus(status),
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
