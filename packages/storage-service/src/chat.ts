import { randomUUID } from 'node:crypto';
import type { ChatBackend, NewMessage, StoredMessage } from './backends/backend.ts';
import { ChatMessageInput, type ChatMessage } from './chat-message.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import { canonicalJson, JsonObject, type Json } from './json.ts';
import { checkSize } from './size-limit.ts';
import { parseInput, parseLimit } from './validation.ts';

/** How `chat.recent` is bounded. */
export interface RecentOptions {
  /** 20 by default, 1,000 at most. */
  limit?: number;
  /** Only messages before the one with this id. */
  before?: string | null;
}

/** A message without its place in the order. */
type Unplaced = Omit<ChatMessage, 'seq'>;

/** The chat history: immutable messages in conversations, in one total order. */
export class ChatCollection {
  readonly #backend: ChatBackend;
  readonly #sealer: Sealer;

  constructor(backend: ChatBackend, sealer: Sealer) {
    this.#backend = backend;
    this.#sealer = sealer;
  }

  /**
   * Appends a message; durable once it resolves. The same id with the same content again is the same message.
   *
   * @throws StorageError `INVALID_INPUT`, `ITEM_TOO_LARGE`, `ID_CONFLICT` (the id belongs to another message)
   */
  async append(message: ChatMessageInput): Promise<ChatMessage> {
    const [appended] = await this.appendMany([message]);
    if (appended === undefined) throw new StorageError('BACKEND_FAILED', 'No message came back.');
    return appended;
  }

  /**
   * Appends messages in their order, all of them or none; one durable write.
   *
   * @throws StorageError as `append`
   */
  async appendMany(messages: readonly ChatMessageInput[]): Promise<ChatMessage[]> {
    const parsed = messages.map((message, index) =>
      parseInput(ChatMessageInput, message, messages.length === 1 ? 'message' : `message ${index}`),
    );
    const now = new Date().toISOString();
    const complete = parsed.map((message) => ({
      id: message.id ?? randomUUID(),
      conversation_id: message.conversation_id,
      role: message.role,
      content: message.content,
      created_at: message.created_at ?? now,
      metadata: message.metadata ?? {},
    }));
    if (new Set(complete.map((message) => message.id)).size < complete.length) {
      throw new StorageError('ID_CONFLICT', 'Two of the messages have the same id.');
    }
    const given = new Set(parsed.flatMap((message) => (message.created_at ? [message.id] : [])));
    return this.#append(complete, (message) => given.has(message.id));
  }

  async #append(
    messages: readonly Unplaced[],
    isTimeGiven: (message: Unplaced) => boolean,
  ): Promise<ChatMessage[]> {
    const placed = new Map<string, ChatMessage>();
    for (;;) {
      const open = messages.filter((message) => !placed.has(message.id));
      if (open.length === 0) break;
      const result = await this.#backend.append(open.map((message) => this.#seal(message)));
      if ('seqs' in result) {
        for (const [index, message] of open.entries()) {
          placed.set(message.id, withSeq(message, result.seqs[index] ?? 0));
        }
        break;
      }
      // Sent before: an answer may have been lost. Those are done; the rest goes once more.
      for (const stored of result.existing) {
        const existing = this.#open(stored);
        const message = open.find((candidate) => candidate.id === existing.id);
        if (message === undefined || !isSameMessage(existing, message, isTimeGiven(message))) {
          throw new StorageError('ID_CONFLICT', `The id ${stored.id} belongs to another message.`, {
            details: { id: stored.id },
          });
        }
        placed.set(existing.id, existing);
      }
    }
    return messages.flatMap((message) => placed.get(message.id) ?? []);
  }

  /**
   * The latest messages of a conversation, oldest first; none where there is no such conversation.
   *
   * @throws StorageError `INVALID_INPUT`, `NOT_FOUND` when `before` is no message of the conversation, `DECRYPTION_FAILED`
   */
  async recent(conversationId: string, options: RecentOptions = {}): Promise<ChatMessage[]> {
    const limit = parseLimit(options.limit, 20, 1000);
    const beforeSeq =
      options.before == null ? null : await this.#seqOf(conversationId, options.before);
    const stored = await this.#backend.newest({
      conversation_id: conversationId,
      beforeSeq,
      limit,
    });
    return stored.map((message) => this.#open(message)).toReversed();
  }

  async #seqOf(conversationId: string, id: string): Promise<number> {
    const message = await this.#backend.find(id.toLowerCase());
    if (message?.conversation_id !== conversationId) {
      throw new StorageError(
        'NOT_FOUND',
        `before: ${id} is no message of conversation ${conversationId}.`,
        { details: { id } },
      );
    }
    return message.seq;
  }

  #seal(message: Unplaced): NewMessage {
    const { content, metadata, ...clear } = message;
    const text = JSON.stringify({ content, metadata });
    checkSize(text, 'message', message.id);
    return { ...clear, sealed: this.#sealer.seal(text, sealContext(message.id)) };
  }

  #open(stored: StoredMessage): ChatMessage {
    const { sealed, ...clear } = stored;
    const text = this.#sealer.open(sealed, sealContext(stored.id));
    const { content, metadata } = parseBody(text, stored.id);
    return {
      id: clear.id,
      conversation_id: clear.conversation_id,
      seq: clear.seq,
      role: clear.role,
      content,
      created_at: clear.created_at,
      metadata,
    };
  }
}

function withSeq(message: Unplaced, seq: number): ChatMessage {
  const { id, conversation_id, ...rest } = message;
  return { id, conversation_id, seq, ...rest };
}

function sealContext(id: string) {
  return { collection: 'chat', id, field: 'message' };
}

function parseBody(
  text: string,
  id: string,
): { content: string; metadata: ChatMessage['metadata'] } {
  const body: unknown = JSON.parse(text);
  if (typeof body === 'object' && body !== null && 'content' in body && 'metadata' in body) {
    const metadata = JsonObject.safeParse(body.metadata);
    if (typeof body.content === 'string' && metadata.success) {
      return { content: body.content, metadata: metadata.data };
    }
  }
  throw new StorageError('STORE_CORRUPT', `chat ${id}: the content has another shape.`);
}

function isSameMessage(existing: ChatMessage, message: Unplaced, isTimeGiven: boolean): boolean {
  const content = (of: Unplaced): Json => [of.conversation_id, of.role, of.content, of.metadata];
  return (
    canonicalJson(content(existing)) === canonicalJson(content(message)) &&
    (!isTimeGiven || message.created_at === existing.created_at)
  );
}
