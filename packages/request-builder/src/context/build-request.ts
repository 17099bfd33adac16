import { randomUUID } from 'node:crypto';
import type { BuilderStorage } from '../ports.ts';
import {
  PROTOCOL_VERSION,
  type Constraints,
  type PlaybookRequest,
  type Repair,
} from '../protocol/request.ts';
import type { Target } from '../protocol/target.ts';
import { fitToBudget } from './budget.ts';
import { briefOf } from './brief.ts';
import { Cleaner } from './clean.ts';
import { gather } from './gather.ts';
import { rankResources } from './rank.ts';
import { refreshStale, type RefreshSettings } from './refresh-stale.ts';
import { relatedTo } from './related.ts';
import type { CustomRedaction } from './custom-redaction.ts';
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
  /** Null: what is known is taken as it is. */
  readonly refresh: RefreshSettings | null;
}

/** A message on its way to becoming a request. */
export interface MessageInput {
  message: string;
  conversationId: string;
  target: Target;
  /** Where the server is asked to mend an earlier playbook. */
  repair: Repair | null;
  signal: AbortSignal;
}

/**
 * Gathers what is known, ranks it, has what is stale scanned again, adds what the named resources point at, cleans all of it, and fits it into the budget.
 *
 * @throws RequestError `OVER_BUDGET`; StorageError
 */
export async function buildRequest(
  storage: BuilderStorage,
  settings: ContextSettings,
  { message, conversationId, target, repair, signal }: MessageInput,
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
  const { refresh } = settings;
  const known = refresh
    ? await refreshStale(storage, ranked, refresh, signal)
    : { ranked, gone: 0 };
  const related = await relatedTo(storage, known.ranked, target.account_id);
  const cleaner = new Cleaner(settings.redactions);
  const frame = {
    protocol: PROTOCOL_VERSION,
    request_id: randomUUID(),
    conversation_id: conversationId,
    message: { text: cleaner.text(message) },
    target,
    ...(repair && { repair: { ...repair, stderr: cleaner.text(repair.stderr) } }),
    constraints: settings.constraints,
    metadata: {
      client: settings.client,
      budget: { limit: settings.tokenBudget, used: 0 },
      dropped: { duplicate: duplicates, gone: known.gone },
      redactions: cleaner.counts,
    },
  } as const;
  const isSpoken = spokenIn(message);
  const resources = [...known.ranked, ...related]
    .toSorted((a, b) => b.score - a.score)
    .map(({ record, score, isNamed, isRelated }, index) => {
      const full = viewOf(record, `r${index + 1}`, score, cleaner);
      return { full, brief: briefOf(full, isSpoken), isNamed, isRelated };
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
