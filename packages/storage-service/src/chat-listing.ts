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

/** A page of messages of one or all conversations, in their order. */
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
    after: decodeCursor(options.cursor, 'm'),
    // One more tells whether there is another page.
    limit: limit + 1,
  });
  await sealer.prepare(stored);
  const messages = await inTurns(stored.slice(0, limit), (message) => openMessage(message, sealer));
  const last = stored.length > limit ? messages.at(-1) : undefined;
  return { messages, cursor: last === undefined ? null : cursorOf('m', last) };
}

/** A page of conversations. */
export async function listConversations(
  input: { limit?: number; cursor?: string | null },
  backend: ChatBackend,
): Promise<ConversationPage> {
  const options = parseOptions(input, 'conversations');
  const limit = parseLimit(options.limit, 100, 1000);
  const place = decodeCursor(options.cursor, 'c');
  const behind = place === null ? null : { last_seq: place.seq, id: place.id };
  const found = await backend.conversations({ behind, limit: limit + 1 });
  const conversations = found.slice(0, limit);
  const last = found.length > limit ? conversations.at(-1) : undefined;
  const cursor = last === undefined ? null : cursorOf('c', { seq: last.last_seq, id: last.id });
  return { conversations, cursor };
}

/** A `seq`, and what orders those that have the same one: the id of a message, or of a conversation. */
interface Place {
  seq: number;
  id: string;
}

/** The letter tells the lists apart: of messages, and of conversations. */
function cursorOf(list: 'm' | 'c', { seq, id }: Place): string {
  return `${list}${seq}.${Buffer.from(id).toString('base64url')}`;
}

function decodeCursor(input: string | null | undefined, list: 'm' | 'c'): Place | null {
  const cursor = optionalText(input, 'cursor');
  if (cursor === null) return null;
  const [, seq = '', id = ''] = /^.(\d{1,16})\.([\w-]+)$/u.exec(cursor) ?? [];
  const place = { seq: Number(seq), id: Buffer.from(id, 'base64url').toString() };
  if (Number.isSafeInteger(place.seq) && cursorOf(list, place) === cursor) return place;
  throw new StorageError('CURSOR_INVALID', 'cursor: not one that a page had');
}
