import { acceptsStream } from './headers.ts';
import { streamResponse, type PlaybookContext } from './playbooks.ts';
import { problemResponse } from './problem.ts';

/** Answers `GET /v1/playbooks/{request_id}`: the stream of that request, from behind `Last-Event-ID` on. */
export function followRequest(
  requestId: string,
  headers: Headers,
  { works, heartbeatMs }: Pick<PlaybookContext, 'works' | 'heartbeatMs'>,
): Response {
  const work = works.find(requestId);
  if (work === null) return unknownRequest(requestId);
  if (!acceptsStream(headers) && !/\*\/\*|text\/\*/.test(headers.get('accept') ?? '*/*')) {
    return problemResponse({
      status: 406,
      code: 'NOT_ACCEPTABLE',
      detail: 'A request is followed as text/event-stream.',
      requestId,
    });
  }
  const last = headers.get('last-event-id') ?? '0';
  if (!/^\d{1,15}$/.test(last)) {
    return problemResponse({
      status: 400,
      code: 'BAD_EVENT_ID',
      detail: 'Last-Event-ID is the number of the last event that came.',
      requestId,
    });
  }
  return streamResponse(work, Number(last), heartbeatMs);
}

/** Answers `DELETE /v1/playbooks/{request_id}`: the work on it ends; what is answered already stays so. */
export function cancelRequest(
  requestId: string,
  { works }: Pick<PlaybookContext, 'works'>,
): Response {
  const work = works.find(requestId);
  if (work === null) return unknownRequest(requestId);
  work.cancel();
  return new Response(null, { status: 204 });
}

function unknownRequest(requestId: string): Response {
  return problemResponse({
    status: 404,
    code: 'NOT_FOUND',
    detail: 'There is no request of that id: it was never sent, or its answer is gone.',
    ...(requestId.length <= 128 ? { requestId } : {}),
  });
}
