import { z } from 'zod';
import { chatRoles } from './chat-role.ts';
import { JsonObject } from './json.ts';
import { Time } from './time.ts';

/** Who speaks. `execution` carries the outcome of a command or a plan. */
export const ChatRole = z.enum(chatRoles);
export type ChatRole = z.infer<typeof ChatRole>;

const ConversationId = z.string().min(1).max(512);

/** A message as it is given to `chat.append`. */
export const ChatMessageInput = z.object({
  conversation_id: ConversationId,
  role: ChatRole,
  content: z.string(),
  metadata: JsonObject.nullish(),
  id: z.uuid().toLowerCase().nullish().describe('also the idempotency key; random when absent'),
  created_at: Time.nullish().describe('now when absent'),
});
export type ChatMessageInput = z.infer<typeof ChatMessageInput>;

/** A stored message. Messages never change. */
export const ChatMessage = z.object({
  id: z.uuid(),
  conversation_id: ConversationId,
  seq: z
    .int()
    .describe(
      'total order, rising in the order of appending; on Qdrant two machines may give one in the same millisecond: then the id orders',
    ),
  role: ChatRole,
  content: z.string(),
  created_at: z.string(),
  metadata: JsonObject,
});
export type ChatMessage = z.infer<typeof ChatMessage>;
