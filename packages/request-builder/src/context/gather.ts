import type { EstateSearchResult } from 'cloudops-storage-service';
import type { BuilderStorage } from '../ports.ts';
import type { HistoryMessage } from '../protocol/request.ts';

/** What is looked up for a message. */
export interface GatherOptions {
  message: string;
  conversationId: string;
  accountId: string;
  /** Resources that are fetched, before the budget. */
  resourceLimit: number;
  /** Messages that are fetched, before the budget. */
  historyLimit: number;
  signal: AbortSignal;
}

/** What storage knows about a message and its conversation. */
export interface Gathered {
  found: EstateSearchResult[];
  /** Oldest first. */
  history: HistoryMessage[];
}

/** Searches the estate of one account and reads the conversation, both at the same time. */
export async function gather(storage: BuilderStorage, options: GatherOptions): Promise<Gathered> {
  const [found, messages] = await Promise.all([
    storage.estate.search({
      text: options.message,
      filter: { eq: { field: 'account_id', value: options.accountId } },
      limit: options.resourceLimit,
      signal: options.signal,
    }),
    options.historyLimit === 0
      ? []
      : storage.chat.recent(options.conversationId, { limit: options.historyLimit }),
  ]);
  const history = messages.map(({ id, role, content, created_at: createdAt }) => ({
    id,
    role,
    text: content,
    created_at: createdAt,
  }));
  return { found, history };
}

/** The regions in which an account has resources, most of them first; at most 64. */
export async function regionsOf(storage: BuilderStorage, accountId: string): Promise<string[]> {
  const facets = await storage.estate.facets('region', {
    eq: { field: 'account_id', value: accountId },
  });
  return facets
    .map(({ value }) => value)
    .filter((region) => /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region))
    .slice(0, 64);
}
