import { createHash } from 'node:crypto';
import type { ChatMessageInput } from 'cloudops-storage-service';
import { sanitize } from '../context/sanitize.ts';
import { playbookDigest } from '../protocol/digest.ts';
import type { PlaybookRequest } from '../protocol/request.ts';
import type { Reply } from '../server/transport.ts';
import type { RunOutcome } from './outcome.ts';

/**
 * What was asked and what was answered, as messages of the conversation.
 *
 * Their ids are made from the request: storing them again after a crash changes nothing.
 */
export function messagesOfReply(request: PlaybookRequest, reply: Reply): ChatMessageInput[] {
  const { conversation_id: conversationId, request_id: requestId } = request;
  // A repair is still about what the user said before.
  const asked: ChatMessageInput[] = request.repair
    ? []
    : [
        {
          id: idOf(requestId, 'user'),
          conversation_id: conversationId,
          role: 'user',
          content: request.message.text,
          metadata: { request_id: requestId },
        },
      ];
  if (reply.kind === 'clarification') {
    const { text, questions } = reply.clarification;
    const lines = (questions ?? []).map((question) => `- ${question.text}`);
    return [
      ...asked,
      {
        id: idOf(requestId, text),
        conversation_id: conversationId,
        role: 'assistant',
        content: sanitize([text, ...lines].join('\n')).text,
        metadata: { request_id: requestId, kind: 'clarification' },
      },
    ];
  }
  const { playbook } = reply;
  const digest = playbookDigest(playbook);
  const steps = playbook.steps.map(({ title }, index) => `${index + 1}. ${title}`);
  return [
    ...asked,
    {
      id: idOf(requestId, digest),
      conversation_id: conversationId,
      role: 'assistant',
      content: sanitize([playbook.summary, ...steps].join('\n')).text,
      metadata: {
        request_id: requestId,
        kind: 'playbook',
        playbook_id: playbook.playbook_id,
        playbook_digest: digest,
      },
    },
  ];
}

/** How a run ended, as a message of the conversation. */
export function messageOfOutcome(request: PlaybookRequest, outcome: RunOutcome): ChatMessageInput {
  const ended = [...outcome.steps, ...outcome.rollbacks];
  const lines = ended.map(({ title, status, exit_code: code, reason, stdout, stderr }) => {
    const said = (status === 'failed' ? stderr || stdout : stdout).trim().slice(-500);
    const how = [
      status,
      ...(code === null ? [] : [`exit code ${code}`]),
      ...(reason ? [reason] : []),
    ];
    return `- ${title}: ${how.join(', ')}${said && `\n${said}`}`;
  });
  return {
    conversation_id: request.conversation_id,
    role: 'execution',
    content: [`The playbook ${outcome.status}.`, ...lines].join('\n'),
    metadata: {
      request_id: request.request_id,
      run_id: outcome.run_id,
      playbook_id: outcome.playbook_id,
      playbook_digest: outcome.playbook_digest,
      status: outcome.status,
      steps: outcome.steps.map(({ id, status, exit_code: code }) => ({
        id,
        status,
        exit_code: code,
      })),
    },
  };
}

/** A UUID of version 8 (RFC 9562: made by a rule of one's own) that is the same for the same words. */
function idOf(...words: string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(words)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
