import { randomUUID } from 'node:crypto';
import type { BuilderStorage } from '../ports.ts';
import { PROTOCOL_VERSION, type Constraints, type PlaybookRequest } from '../protocol/request.ts';
import type { Target } from '../protocol/target.ts';
import { fitToBudget } from './budget.ts';
import { briefOf } from './brief.ts';
import { Cleaner } from './clean.ts';
import { gather } from './gather.ts';
import { rankResources } from './rank.ts';
import type { CustomRedaction } from './redact.ts';
import { viewOf } from './resource-view.ts';
import { spokenIn } from './spoken.ts';
import type { TokenCounter } from './tokens.ts';

/** What `build` knows besides the message. */
export interface ContextSettings {
  readonly resourceLimit: number;
  readonly historyLimit: number;
  readonly tokenBudget: number;
  readonly tokenCounter: TokenCounter;
  readonly redactions: readonly CustomRedaction[];
  readonly constraints: Constraints;
  readonly client: string;
}

/** A message on its way to becoming a request. */
export interface MessageInput {
  message: string;
  conversationId: string;
  target: Target;
  signal: AbortSignal;
}

/**
 * Gathers what is known, ranks it, cleans it, and fits it into the budget.
 *
 * @throws RequestError `OVER_BUDGET`; StorageError
 */
export async function buildRequest(
  storage: BuilderStorage,
  settings: ContextSettings,
  { message, conversationId, target, signal }: MessageInput,
): Promise<PlaybookRequest> {
  const { found, history } = await gather(storage, {
    message,
    conversationId,
    accountId: target.account_id,
    resourceLimit: settings.resourceLimit,
    historyLimit: settings.historyLimit,
    signal,
  });
  const { ranked, duplicates } = rankResources(found, message, Date.now());
  const cleaner = new Cleaner(settings.redactions);
  const frame = {
    protocol: PROTOCOL_VERSION,
    request_id: randomUUID(),
    conversation_id: conversationId,
    message: { text: cleaner.text(message) },
    target,
    constraints: settings.constraints,
    metadata: {
      client: settings.client,
      budget: { limit: settings.tokenBudget, used: 0 },
      dropped: { duplicate: duplicates },
      redactions: cleaner.counts,
    },
  } as const;
  const isSpoken = spokenIn(message);
  const resources = ranked.map(({ record, score, isNamed }, index) => {
    const full = viewOf(record, `r${index + 1}`, score, cleaner);
    return { full, brief: briefOf(full, isSpoken), isNamed };
  });
  const said = history.map(({ id, role, text, created_at: createdAt }) => ({
    id,
    role,
    text: cleaner.text(text),
    created_at: createdAt,
  }));
  return fitToBudget(
    frame,
    { resources, history: said },
    settings.tokenBudget,
    settings.tokenCounter,
  );
}
