import { z } from 'zod';
import { sanitize } from '../context/sanitize.ts';
import { findingsOf, RequestError } from '../errors.ts';
import { findStructureFault } from '../playbook/structure.ts';
import { validatePlaybook } from '../playbook/validate.ts';
import { Clarification } from '../protocol/clarification.ts';
import type { PlaybookRequest } from '../protocol/request.ts';
import { otherVersion } from './response.ts';
import type { Reply } from './transport.ts';

const Kind = z.object({ schema: z.string() });

/**
 * Makes of what a server sent a reply that has been checked completely.
 *
 * @throws RequestError `BAD_RESPONSE` for neither a playbook nor a clarification, `PROTOCOL_UNSUPPORTED` for one of another version; as `validatePlaybook`
 */
export function parseReply(document: unknown, request: PlaybookRequest, now: Date): Reply {
  const schema = Kind.safeParse(document).data?.schema;
  if (schema === 'clarification/v1') {
    return { kind: 'clarification', clarification: parseClarification(document, request) };
  }
  if (schema === 'playbook/v1') {
    return { kind: 'playbook', playbook: validatePlaybook(document, request, now) };
  }
  // A newer schema may mean something else by the same words: it is refused, not guessed at.
  if (schema !== undefined && /^(?:playbook|clarification)\/v\d{1,4}$/.test(schema))
    throw otherVersion(schema);
  throw new RequestError('BAD_RESPONSE', 'the server sent neither a playbook nor a clarification', {
    details: { schema: schema?.slice(0, 100) ?? null },
  });
}

function parseClarification(document: unknown, request: PlaybookRequest): Clarification {
  const fault = findStructureFault(document);
  const parsed = fault === null ? Clarification.safeParse(document) : null;
  const errors = fault === null ? [] : [fault];
  if (parsed?.error) errors.push(...findingsOf(parsed.error));
  if (parsed?.data && parsed.data.request_id === request.request_id) return visible(parsed.data);
  if (errors.length === 0) {
    throw new RequestError('CONTEXT_MISMATCH', 'the clarification answers another request');
  }
  throw new RequestError('BAD_RESPONSE', 'the clarification does not validate', {
    details: { errors: errors.map(({ pointer, message }) => ({ pointer, message })) },
  });
}

/** Its texts are shown as they are: nothing invisible may be in them. */
function visible(clarification: Clarification): Clarification {
  const { text, questions } = clarification;
  const shown = (questions ?? []).map((question) => ({
    id: question.id,
    text: sanitize(question.text).text,
    choices: question.choices?.map((choice) => sanitize(choice).text) ?? null,
  }));
  return { ...clarification, text: sanitize(text).text, questions: shown };
}
