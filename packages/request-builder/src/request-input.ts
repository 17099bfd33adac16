import { findingsOf, RequestError } from './errors.ts';
import { PlaybookRequest } from './protocol/request.ts';

/** @throws RequestError `INVALID_INPUT` with the path of what is wrong */
export function parseRequest(input: PlaybookRequest): PlaybookRequest {
  const parsed = PlaybookRequest.safeParse(input);
  if (parsed.success) return parsed.data;
  const findings = findingsOf(parsed.error);
  const list = findings.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  throw new RequestError('INVALID_INPUT', `the request does not validate: ${list}`, {
    details: { errors: findings.map(({ pointer, message }) => ({ pointer, message })) },
  });
}
