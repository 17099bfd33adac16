import { z } from 'zod';
import type { NewMessage, StoredMessage } from './backends/backend.ts';
import type { ChatMessage } from './chat-message.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import { JsonObject, parseOwnJson } from './json.ts';
import { sealContextOf } from './seal-context.ts';
import { checkSize } from './size-limit.ts';

/** A message without its place in the order. */
export type Unplaced = Omit<ChatMessage, 'seq'>;

/**
 * A message as a backend keeps it: content and metadata sealed together, with what is in clear beside them, so that a changed role,
 * time or conversation shows.
 *
 * @throws StorageError `ITEM_TOO_LARGE`
 */
export function sealMessage(message: Unplaced, sealer: Sealer): NewMessage {
  const { content, metadata, ...clear } = message;
  const text = JSON.stringify({ content, metadata, of: placeOf(message) });
  checkSize(text, 'message', message.id);
  return { ...clear, sealed: sealer.seal(text, sealContextOf('messages', message.id)) };
}

/** @throws StorageError `DECRYPTION_FAILED`, `STORE_CORRUPT` */
export function openMessage(stored: StoredMessage, sealer: Sealer): ChatMessage {
  const text = sealer.open(stored.sealed, sealContextOf('messages', stored.id));
  const { content, metadata } = parseBody(text, stored);
  return {
    id: stored.id,
    conversation_id: stored.conversation_id,
    seq: stored.seq,
    role: stored.role,
    content,
    created_at: stored.created_at,
    metadata,
  };
}

function placeOf({ conversation_id, role, created_at }: Omit<Unplaced, 'content' | 'metadata'>) {
  return `${role} ${created_at} ${conversation_id}`;
}

const Body = z.object({ content: z.string(), metadata: JsonObject, of: z.string() });

function parseBody(text: string, stored: StoredMessage): z.infer<typeof Body> {
  const body = Body.safeParse(parseOwnJson(text, `chat ${stored.id}`));
  if (!body.success) {
    throw new StorageError('STORE_CORRUPT', `chat ${stored.id}: the content has another shape.`);
  }
  if (body.data.of === placeOf(stored)) return body.data;
  throw new StorageError(
    'STORE_CORRUPT',
    `chat ${stored.id}: its conversation, role or time was changed.`,
    { details: { id: stored.id } },
  );
}
