import type { NewMessage, StoredMessage } from './backends/backend.ts';
import type { ChatMessage } from './chat-message.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import { JsonObject } from './json.ts';
import { sealContextOf } from './seal-context.ts';
import { checkSize } from './size-limit.ts';

/** A message without its place in the order. */
export type Unplaced = Omit<ChatMessage, 'seq'>;

/**
 * A message as a backend keeps it: content and metadata sealed together.
 *
 * @throws StorageError `ITEM_TOO_LARGE`
 */
export function sealMessage(message: Unplaced, sealer: Sealer): NewMessage {
  const { content, metadata, ...clear } = message;
  const text = JSON.stringify({ content, metadata });
  checkSize(text, 'message', message.id);
  return { ...clear, sealed: sealer.seal(text, sealContextOf('messages', message.id)) };
}

/** @throws StorageError `DECRYPTION_FAILED`, `STORE_CORRUPT` */
export function openMessage(stored: StoredMessage, sealer: Sealer): ChatMessage {
  const { content, metadata } = parseBody(
    sealer.open(stored.sealed, sealContextOf('messages', stored.id)),
    stored.id,
  );
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

function parseBody(text: string, id: string): Pick<ChatMessage, 'content' | 'metadata'> {
  const body: unknown = JSON.parse(text);
  if (typeof body === 'object' && body !== null && 'content' in body && 'metadata' in body) {
    const metadata = JsonObject.safeParse(body.metadata);
    if (typeof body.content === 'string' && metadata.success) {
      return { content: body.content, metadata: metadata.data };
    }
  }
  throw new StorageError('STORE_CORRUPT', `chat ${id}: the content has another shape.`);
}
