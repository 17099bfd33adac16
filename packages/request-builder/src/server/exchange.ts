import { RequestError } from '../errors.ts';
import type { BuilderSettings } from '../options.ts';
import { checkSignature } from '../playbook/signature.ts';
import { contextDigest, playbookDigest } from '../protocol/digest.ts';
import type { PlaybookRequest } from '../protocol/request.ts';
import { parseReply } from './reply.ts';
import type { Reply } from './transport.ts';

/**
 * Sends a request and checks the answer completely, with an entry in the audit log before and after.
 *
 * @throws RequestError as the transport and `parseReply`; `AUDIT_FAILED`
 */
export async function exchange(
  { audit, transport, judgement, onEvent }: BuilderSettings,
  request: PlaybookRequest,
  { idempotencyKey, signal }: { idempotencyKey: string; signal: AbortSignal },
): Promise<Reply> {
  const { request_id } = request;
  await audit?.append({
    type: 'request_sent',
    request_id,
    request_digest: contextDigest(request),
    idempotency_key: idempotencyKey,
  });
  const reply = await receiveReply().catch(async (error: unknown) => {
    const code = RequestError.is(error) ? error.code : 'UNEXPECTED';
    await audit?.append({ type: 'request_failed', request_id, code });
    throw error;
  });
  await audit?.append({
    type: 'reply_received',
    request_id,
    kind: reply.kind,
    playbook_digest: reply.kind === 'playbook' ? playbookDigest(reply.playbook) : null,
  });
  return reply;

  async function receiveReply(): Promise<Reply> {
    const document = await transport.send(request, {
      idempotencyKey,
      signal,
      onEvent: (event) => onEvent({ ...event, request_id }),
    });
    const received = parseReply(document, request, new Date());
    if (received.kind === 'playbook') checkSignature(received.playbook, judgement.trustedKeys);
    return received;
  }
}
