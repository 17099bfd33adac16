import { z } from 'zod';
import type { ChatBackend, Conversation } from './backends/backend.ts';
import { ChatRole, type ChatMessage } from './chat-message.ts';
import { openMessage } from './chat-sealing.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import { inTurns } from './in-turns.ts';
import { Time } from './time.ts';
import { optionalText, parseInput, parseLimit, parseOptions } from './validation.ts';

const ListOptions = z.object({
  conversation_id: z.string().nullish(),
  roles: z.array(ChatRole).nullish(),
  since: Time.nullish(),
  until: Time.nullish(),
  limit: z.number().nullish(),
  cursor: z.string().nullish(),
});

/** Which messages `chat.list` returns; what is absent does not restrict. */
export interface ChatListOptions {
  conversation_id?: string | null;
  roles?: readonly ChatRole[] | null;
  /** Created at this time or later (RFC 3339). */
  since?: string | null;
  /** Created before this time. */
  until?: string | null;
  /** 100 by default, 1,000 at most. */
  limit?: number;
  /** The `cursor` of the page before. */
  cursor?: string | null;
}

/** A page of messages, in their order. */
export interface ChatPage {
  messages: ChatMessage[];
  /** Where the next page begins; null when this was the last. */
  cursor: string | null;
}

/** A page of conversations, the one with the latest message first. */
export interface ConversationPage {
  conversations: Conversation[];
  cursor: string | null;
}

/** A page of messages of one or all conversations, in the order of `seq`. */
export async function listMessages(
  input: ChatListOptions,
  backend: ChatBackend,
  sealer: Sealer,
): Promise<ChatPage> {
  const options = parseInput(ListOptions, input ?? {}, 'list');
  const limit = parseLimit(options.limit, 100, 1000);
  const stored = await backend.list({
    conversation_id: options.conversation_id ?? null,
    roles: options.roles ?? null,
    since: options.since ?? null,
    until: options.until ?? null,
    afterSeq: decodeCursor(options.cursor, 'm') ?? 0,
    // One more tells whether there is another page.
    limit: limit + 1,
  });
  await sealer.prepare(stored);
  const messages = await inTurns(stored.slice(0, limit), (message) => openMessage(message, sealer));
  return {
    messages,
    cursor: cursorOf('m', stored.length > limit ? messages.at(-1)?.seq : undefined),
  };
}

/** A page of conversations. */
export async function listConversations(
  input: { limit?: number; cursor?: string | null },
  backend: ChatBackend,
): Promise<ConversationPage> {
  const options = parseOptions(input, 'conversations');
  const limit = parseLimit(options.limit, 100, 1000);
  const beforeSeq = decodeCursor(options.cursor, 'c');
  const found = await backend.conversations({ beforeSeq, limit: limit + 1 });
  const conversations = found.slice(0, limit);
  const last = found.length > limit ? conversations.at(-1)?.last_seq : undefined;
  return { conversations, cursor: cursorOf('c', last) };
}

/** The letter tells the lists apart: of messages, and of conversations. */
function cursorOf(list: 'm' | 'c', seq: number | undefined): string | null {
  return seq === undefined ? null : `${list}${seq}`;
}

function decodeCursor(input: string | null | undefined, list: 'm' | 'c'): number | null {
  const cursor = optionalText(input, 'cursor');
  if (cursor === null) return null;
  const seq = cursor.startsWith(list) ? cursor.slice(1) : '';
  if (/^\d{1,16}$/u.test(seq) && Number.isSafeInteger(Number(seq))) return Number(seq);
  throw new StorageError('CURSOR_INVALID', 'cursor: not one that a page had');
}
