import { PlaybookRequest, PROTOCOL_VERSION } from 'cloudops-request-builder/protocol';
import { problemResponse } from './problem.ts';

/** The request in a body, or its refusal. */
export function parseRequest(body: string): PlaybookRequest | Response {
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
  const { issues } = parsed.error;
  if (issues.some(({ path }) => path[0] === 'protocol') && hasOtherVersion(json)) {
    return problemResponse({
      status: 400,
      code: 'PROTOCOL_UNSUPPORTED',
      detail: `This server speaks protocol ${PROTOCOL_VERSION}.`,
      protocols: [PROTOCOL_VERSION],
    });
  }
  return problemResponse({
    status: 400,
    code: 'INVALID_REQUEST',
    detail: 'The request does not follow protocol 1.0; see errors.',
    errors: issues.slice(0, 50).map((issue) => ({
      pointer: issue.path
        .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
        .join(''),
      message: issue.message,
    })),
  });
}

function hasOtherVersion(json: unknown): boolean {
  return (
    typeof json === 'object' &&
    json !== null &&
    'protocol' in json &&
    typeof json.protocol === 'string'
  );
}
