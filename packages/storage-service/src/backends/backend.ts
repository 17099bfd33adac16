import type { ChatRole } from '../chat-role.ts';
import type { EstateEmbedding, EstateRecord } from '../estate-record.ts';
import type { Filter } from '../filter/filter.ts';

/**
 * Where the data is. A backend keeps rows, finds them by filter, and ranks them; validation, encryption,
 * change detection and the fusing of rankings happen above it, once for all backends.
 *
 * Filters arrive parsed (`parseFilter`) and mean what `matchesFilter` says. Sealed bytes are opaque.
 * Errors are StorageErrors. The contract suite in `cloudops-storage-service/testing` says the rest.
 */
export interface StorageBackend {
  /** `embedded`, `qdrant`, … */
  readonly kind: string;
  readonly documents: DocumentStore;
  readonly chat: ChatBackend;
  readonly estate: EstateBackend;
  readonly maintenance: BackendMaintenance;
  readonly sealed: SealedStore;
  /** Releases everything. Calls under way end first; later ones are `CLOSED`. */
  close(): Promise<void>;
}

/** A few small named texts of the store itself: key ring, embedding model. */
export interface DocumentStore {
  read(name: string): Promise<string | null>;
  /** Replaces the text only while it is still `expected` (null: absent); returns whether it did. */
  replace(name: string, expected: string | null, text: string): Promise<boolean>;
  /** Whether the store holds a message or a resource. */
  holdsData(): Promise<boolean>;
}

/** The three kinds of sealed bytes. */
export type SealedCollection = 'messages' | 'attributes' | 'history';

/** Sealed bytes and where they are. */
export interface SealedItem {
  /** Where it is, in words of the backend; rises along the pages. */
  place: string;
  /** The id of the message, or the key of the resource. */
  id: string;
  sealed: Uint8Array;
}

/** Everything sealed, whatever it belongs to: for encrypting it anew. */
export interface SealedStore {
  /** Items behind `after`; fewer than `limit` do not mean the end, none do. */
  page(query: {
    collection: SealedCollection;
    after: string | null;
    limit: number;
  }): Promise<SealedItem[]>;
  /** Replaces what is still `expected`; returns how many were. */
  replace(
    collection: SealedCollection,
    items: readonly { place: string; expected: Uint8Array; sealed: Uint8Array }[],
  ): Promise<number>;
}

/** Numbers about a store. */
export interface BackendStats {
  messages: number;
  conversations: number;
  /** Without tombstones. */
  resources: number;
  tombstones: number;
  vectors: number;
  history_entries: number;
  /** On disk; null where a backend cannot tell. */
  bytes: number | null;
  /** Of those, what `compact` would give back at least. */
  free_bytes: number | null;
}

/** What a backend does for its own well-being. */
export interface BackendMaintenance {
  /** What is wrong with the store, in words; empty when it is sound. */
  check(): Promise<string[]>;
  /** Gives back what removed rows took. */
  compact(): Promise<void>;
  stats(): Promise<BackendStats>;
}

/** A message as a backend keeps it: content and metadata sealed. */
export interface StoredMessage {
  id: string;
  conversation_id: string;
  seq: number;
  role: ChatRole;
  created_at: string;
  sealed: Uint8Array;
}

export type NewMessage = Omit<StoredMessage, 'seq'>;

/** The places of appended messages; or the messages that have had some of the ids all along, and nothing was written. */
export type AppendResult = { seqs: number[] } | { existing: StoredMessage[] };

/** A place in the order of messages: by `seq`, and by id where several have one `seq`. */
export interface MessagePlace {
  seq: number;
  id: string;
}

/** A place in the order of conversations: by the `seq` of their last message, the highest first, and by id where that is the same. */
export interface ConversationPlace {
  last_seq: number;
  id: string;
}

export interface ChatBackend {
  /** Durable once it resolves. All of the messages or none; `seq` rises in their order. Writers that know nothing of each other may give one `seq`. */
  append(messages: readonly NewMessage[]): Promise<AppendResult>;
  find(id: string): Promise<StoredMessage | null>;
  /** The newest messages before a place (null: of all), newest first. */
  newest(query: {
    conversation_id: string;
    before: MessagePlace | null;
    limit: number;
  }): Promise<StoredMessage[]>;
  /** The messages behind a place (null: all) that are meant, in their order. */
  list(query: MessageQuery): Promise<StoredMessage[]>;
  /** Conversations by their last message, the latest first, behind a place (null: all). */
  conversations(query: ConversationQuery): Promise<Conversation[]>;
  /** Returns how many messages were removed. */
  removeConversation(conversationId: string): Promise<number>;
  /** Removes messages created before a time, at most `limit` of them; returns how many. */
  removeBefore(time: string, limit: number): Promise<number>;
}

/** Which messages are meant; null means any. */
export interface MessageQuery {
  conversation_id: string | null;
  roles: readonly ChatRole[] | null;
  /** Created at this time or later. */
  since: string | null;
  /** Created before this time. */
  until: string | null;
  after: MessagePlace | null;
  limit: number;
}

/** Which conversations are meant. */
export interface ConversationQuery {
  behind: ConversationPlace | null;
  limit: number;
}

/** A conversation that has messages. */
export interface Conversation {
  id: string;
  messages: number;
  /** When the first and the last of its messages, by `seq`, were created. */
  first_at: string;
  last_at: string;
  last_seq: number;
}

/** Everything of a record but its attributes, which are sealed. */
export type ClearRecord = Omit<EstateRecord, 'attributes'>;

export interface StoredResource {
  record: ClearRecord;
  /** The encrypted attributes. */
  sealed: Uint8Array;
}

/** What change detection needs of a stored resource. */
export interface ResourceDigest {
  content_hash: string;
  permissions_hash: string;
  embedding: EstateEmbedding | null;
  first_seen: string;
  missing_since: string | null;
}

/** The parts of a record that change with every scan. */
export interface ResourceSighting {
  last_seen: string;
  scan_id: string | null;
  /** When the permissions were evaluated; null where there are none. */
  evaluated_at: string | null;
}

/** An entry of the history of a resource. */
export interface StoredHistory {
  at: string;
  scan_id: string | null;
  sealed: Uint8Array;
}

export interface ResourceWrite {
  key: string;
  /** The digest this write was decided on; the write is a conflict if the stored one is another by now. */
  expected: ResourceDigest | null;
  /** The new row, or only a new sighting of the old one. */
  row: { record: ClearRecord; permissions_hash: string; sealed: Uint8Array } | null;
  sighting: ResourceSighting;
  /** undefined keeps the stored vector, null removes it. */
  vector: { values: Float32Array; embedding: EstateEmbedding | null } | null | undefined;
  /** What to add to its history, the oldest first; a backend keeps the latest `historyLength`. */
  history: readonly StoredHistory[];
}

/** So many entries of history a resource has at most. */
export const historyLength = 100;

/** The order of a list, by code points (not JavaScript's `<`, which puts 😀 before U+FFFD); ties by key, records without the field last. */
export interface EstateOrder {
  field: EstateOrderField;
  direction: 'asc' | 'desc';
}
export type EstateOrderField =
  | 'key'
  | 'name'
  | 'account_id'
  | 'region'
  | 'service'
  | 'resource_type'
  | 'state'
  | 'first_seen'
  | 'last_seen';

export interface RankedKey {
  key: string;
  /** Cosine in [-1, 1] for vectors, [0, 1] for words. */
  score: number;
}

export interface RankedWords extends RankedKey {
  /** The terms of the query that were found. */
  matched: string[];
}

export interface EstateBackend {
  /** Aligned with `keys`. */
  digests(keys: readonly string[]): Promise<(ResourceDigest | null)[]>;
  /** Returns the keys whose `expected` no longer held; nothing was written for those. */
  write(writes: readonly ResourceWrite[]): Promise<string[]>;
  /** Aligned with `keys`. */
  get(keys: readonly string[]): Promise<(StoredResource | null)[]>;
  /** Removes resources with all that belongs to them; returns how many there were. */
  remove(keys: readonly string[]): Promise<number>;
  /** The stored vectors, aligned with `keys`; their length may have been changed to 1. */
  vectors(keys: readonly string[]): Promise<(Float32Array | null)[]>;
  /** The latest first. */
  history(key: string, limit: number): Promise<StoredHistory[]>;
  /** The resources whose key, ARN, resource id or bare id (behind its first slash) is one of the names; at most 1,000. */
  named(names: readonly string[]): Promise<StoredResource[]>;
  /** The resources with a relation whose target is one of the names; at most 1,000. */
  referringTo(names: readonly string[]): Promise<StoredResource[]>;
  /** A page: the records behind `after` in the given order. */
  list(query: {
    filter: Filter | null;
    order: EstateOrder;
    after: { value: string | null; key: string } | null;
    limit: number;
  }): Promise<StoredResource[]>;
  count(filter: Filter | null): Promise<number>;
  /** The values of a field with the number of records that have them, most frequent first, then by value. */
  facets(query: {
    field: string;
    filter: Filter | null;
    limit: number;
  }): Promise<{ value: string; count: number }[]>;
  /** The nearest vectors by cosine, best first, ties by key. A zero vector scores 0. */
  nearest(query: {
    vector: Float32Array;
    filter: Filter | null;
    limit: number;
  }): Promise<RankedKey[]>;
  /**
   * The best matches for `keywordQuery(text)`, scored by `scoreKeywords`, best first, ties by key. Where nothing has a whole word or an
   * identifier of it, words of three characters or more are looked for as identifiers: `eckou` finds `checkout-web`. Where that finds
   * nothing either, the same is done for the text `respelled` by the names and texts of what has runs of its characters (`gramsOf`).
   */
  keywords(query: { text: string; filter: Filter | null; limit: number }): Promise<RankedWords[]>;
}
