import { randomUUID } from 'node:crypto';
import type { ChatBackend, MessagePlace } from './backends/backend.ts';
import {
  listConversations,
  listMessages,
  type ChatListOptions,
  type ChatPage,
  type ConversationPage,
} from './chat-listing.ts';
import { ChatMessageInput, type ChatMessage } from './chat-message.ts';
import { openMessage, sealMessage, type Unplaced } from './chat-sealing.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError, throwIfAborted } from './errors.ts';
import { inTurns } from './in-turns.ts';
import { canonicalJson, type Json } from './json.ts';
import { Time } from './time.ts';
import {
  checkList,
  checkName,
  optionalText,
  parseInput,
  parseLimit,
  parseOptions,
} from './validation.ts';

/** How `chat.recent` is bounded. */
export interface RecentOptions {
  /** 20 by default, 1,000 at most. */
  limit?: number;
  /** Only messages before the one with this id. */
  before?: string | null;
}

/** So many messages are removed in one transaction: others write between. */
const removedAtOnce = 1000;

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
    checkList(messages, 'messages');
    const parsed = await inTurns(messages, (message, index) =>
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
    const timed = new Set(parsed.flatMap((message) => (message.created_at ? [message.id] : [])));
    return this.#append(complete, timed);
  }

  /** `timed` are the ids of messages whose time was given, so that it must be the same in a repetition. */
  async #append(
    messages: readonly Unplaced[],
    timed: ReadonlySet<string | null | undefined>,
  ): Promise<ChatMessage[]> {
    const open = new Map(messages.map((message) => [message.id, message]));
    const placed = new Map<string, ChatMessage>();
    while (open.size > 0) {
      const sealed = await inTurns([...open.values()], (message) =>
        sealMessage(message, this.#sealer),
      );
      const result = await this.#backend.append(sealed);
      if ('seqs' in result) {
        for (const [index, message] of [...open.values()].entries()) {
          placed.set(message.id, withSeq(message, result.seqs[index] ?? 0));
        }
        break;
      }
      // Sent before: an answer may have been lost. Those are done; the rest goes once more.
      await this.#sealer.prepare(result.existing);
      for (const stored of result.existing) {
        const existing = openMessage(stored, this.#sealer);
        const message = open.get(existing.id);
        if (!message || !isSameMessage(existing, message, timed.has(message.id))) {
          throw new StorageError('ID_CONFLICT', `The id ${stored.id} belongs to another message.`, {
            details: { id: stored.id },
          });
        }
        placed.set(existing.id, existing);
        open.delete(existing.id);
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
    checkName(conversationId, 'conversation_id');
    const { limit: wanted, before: id } = parseOptions(options, 'recent');
    const limit = parseLimit(wanted, 20, 1000);
    const before = optionalText(id, 'before');
    const stored = await this.#backend.newest({
      conversation_id: conversationId,
      before: before !== null ? await this.#placeOf(conversationId, before) : null,
      limit,
    });
    await this.#sealer.prepare(stored);
    const messages = await inTurns(stored, (message) => openMessage(message, this.#sealer));
    return messages.toReversed();
  }

  async #placeOf(conversationId: string, id: string): Promise<MessagePlace> {
    const message = await this.#backend.find(id.toLowerCase());
    if (message?.conversation_id === conversationId) return { seq: message.seq, id: message.id };
    throw new StorageError(
      'NOT_FOUND',
      `before: ${id} is no message of conversation ${conversationId}.`,
      { details: { id } },
    );
  }

  /**
   * A page of messages, oldest first, of one conversation or of all, by role and time.
   *
   * @throws StorageError `INVALID_INPUT`, `CURSOR_INVALID`, `DECRYPTION_FAILED`
   */
  list(options: ChatListOptions = {}): Promise<ChatPage> {
    return listMessages(options, this.#backend, this.#sealer);
  }

  /** A page of the conversations that have messages, the one with the latest message first. */
  conversations(
    options: { limit?: number; cursor?: string | null } = {},
  ): Promise<ConversationPage> {
    return listConversations(options, this.#backend);
  }

  /** Removes a conversation with all of its messages; returns how many there were. */
  async deleteConversation(conversationId: string): Promise<number> {
    checkName(conversationId, 'conversation_id');
    return this.#backend.removeConversation(conversationId);
  }

  /**
   * Removes the messages created before a time (RFC 3339): retention by age. Conversations without messages vanish.
   *
   * @returns how many were removed
   * @throws StorageError `INVALID_INPUT`, `ABORTED` (what was removed stays removed)
   */
  async prune(options: { before: string; signal?: AbortSignal }): Promise<number> {
    const { before: time, signal } = parseOptions(options, 'prune');
    const before = parseInput(Time, time, 'before');
    let removed = 0;
    for (;;) {
      throwIfAborted(signal);
      const some = await this.#backend.removeBefore(before, removedAtOnce);
      removed += some;
      if (some < removedAtOnce) return removed;
    }
  }
}

function withSeq(message: Unplaced, seq: number): ChatMessage {
  const { id, conversation_id, ...rest } = message;
  return { id, conversation_id, seq, ...rest };
}

function isSameMessage(existing: ChatMessage, message: Unplaced, isTimeGiven: boolean): boolean {
  const content = (of: Unplaced): Json => [of.conversation_id, of.role, of.content, of.metadata];
  return (
    canonicalJson(content(existing)) === canonicalJson(content(message)) &&
    (!isTimeGiven || message.created_at === existing.created_at)
  );
}
