import { redactText } from '../context/redact.ts';
import { sanitize } from '../context/sanitize.ts';
import { RequestError, type RequestErrorCode } from '../errors.ts';
import type { Json } from '../protocol/json.ts';
import type { Problem } from '../protocol/problem.ts';

const retriedStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether a status says that the same request may succeed later. */
export function isRetriedStatus(status: number): boolean {
  return retriedStatuses.has(status);
}

/** The error that a problem document stands for. What the server writes is masked and shortened: it ends in logs and on screens. */
export function problemError(status: number, problem: Problem): RequestError {
  const said = shown(problem.detail ?? problem.title ?? '');
  const details: Record<string, Json> = { status };
  if (problem.code) details['problem_code'] = shown(problem.code);
  if (problem.request_id) details['request_id'] = shown(problem.request_id);
  if (problem.protocols) details['protocols'] = problem.protocols.map(shown);
  if (problem.errors) {
    details['errors'] = problem.errors.map(({ pointer, message }) => ({
      pointer: shown(pointer),
      message: shown(message),
    }));
  }
  return new RequestError(
    codeOf(status, problem),
    `the server answered ${status}${said && `: ${said}`}`,
    {
      retryable: problem.retryable ?? isRetriedStatus(status),
      details,
    },
  );
}

function codeOf(status: number, problem: Problem): RequestErrorCode {
  if (problem.code === 'PROTOCOL_UNSUPPORTED') return 'PROTOCOL_UNSUPPORTED';
  return status === 401 || status === 403 ? 'UNAUTHORIZED' : 'SERVER_PROBLEM';
}

function shown(text: string): string {
  return redactText(sanitize(text).text, {}).slice(0, 1000);
}
