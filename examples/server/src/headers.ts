import { EVENT_STREAM_MEDIA_TYPE, PLAYBOOK_MEDIA_TYPE } from 'cloudops-request-builder/protocol';
import { problemResponse } from './problem.ts';

const MAX_KEY_LENGTH = 200;

/** Whether the client can read a stream of events. */
export function acceptsStream(headers: Headers): boolean {
  return (headers.get('accept') ?? '').toLowerCase().includes(EVENT_STREAM_MEDIA_TYPE);
}

/** The refusal of a request whose headers already say that it cannot be answered; null where nothing is wrong with them. */
export function refuseHeaders(headers: Headers): Response | null {
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
