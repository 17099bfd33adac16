import { RequestError } from '../errors.ts';
import type { ContextResource, HistoryMessage, PlaybookRequest } from '../protocol/request.ts';
import { chooseResources, type ResourceForms } from './choose.ts';
import type { TokenCounter } from './tokens.ts';
import { turnsOf } from './turns.ts';

/** Everything of a request but what has to share the budget. */
export type RequestFrame = Omit<PlaybookRequest, 'resources' | 'history'>;

/** What would be sent if there were room for all of it. */
export interface Candidates {
  /** Best first. */
  resources: readonly ResourceForms[];
  /** Oldest first. */
  history: readonly HistoryMessage[];
}

/** The part of the room that history may take before resources had theirs. */
const HISTORY_SHARE = 0.4;

/**
 * Room for what is only known at the end: the counts of what was dropped, and the budget itself.
 */
const RESERVED_TOKENS = 120;

/**
 * A request within a token budget, never above it: the newest whole turns of history in up to 40 % of the room, then resources (the best in full, the others in brief),
 * then older turns in what is left, then brief resources in full. What does not fit is counted in `metadata.dropped`: `budget` for resources, `history` for messages.
 *
 * @throws RequestError `OVER_BUDGET` where the message alone does not fit
 */
export function fitToBudget(
  frame: RequestFrame,
  candidates: Candidates,
  limit: number,
  counter: TokenCounter,
): PlaybookRequest {
  const cost = (value: unknown) => counter.count(`${JSON.stringify(value)},`);
  const room = limit - cost({ ...frame, resources: [], history: [] }) - RESERVED_TOKENS;
  if (room < 0) {
    throw new RequestError(
      'OVER_BUDGET',
      `the message does not fit into the budget of ${limit} tokens`,
      { details: { limit, needed: limit - room } },
    );
  }
  const { turns, rest } = turnsOf(candidates.history);
  const open = turns.map((messages) => ({ messages, cost: cost(messages) }));
  const kept: HistoryMessage[][] = [];
  let used = 0;
  const takeTurns = (upTo: number) => {
    for (let turn = open.at(-1); turn && used + turn.cost <= upTo; turn = open.at(-1)) {
      open.pop();
      used += turn.cost;
      kept.unshift(turn.messages);
    }
  };
  takeTurns(room * HISTORY_SHARE);
  const choice = chooseResources(candidates.resources, room - used, cost);
  used += choice.cost;
  takeTurns(room);
  const { resources } = choice.enlarge(room - used + choice.cost);
  const history = kept.flat();
  return withinLimit(frame, { resources, history }, limit, counter, {
    budget: candidates.resources.length - resources.length,
    history: candidates.history.length - history.length - rest.length,
    history_partial_turn: rest.length,
  });
}

/** Puts it together and looks once more: a tokenizer of the host's need not be additive. */
function withinLimit(
  frame: RequestFrame,
  kept: { resources: ContextResource[]; history: HistoryMessage[] },
  limit: number,
  counter: TokenCounter,
  dropped: Record<string, number>,
): PlaybookRequest {
  const { resources, history } = kept;
  for (;;) {
    const counts = Object.fromEntries(
      Object.entries({ ...frame.metadata.dropped, ...dropped }).filter(([, count]) => count > 0),
    );
    const metadata = { ...frame.metadata, dropped: counts };
    const request = { ...frame, resources, history, metadata };
    // Measured with the largest number that could stand there.
    const budget = { limit, used: limit };
    const used = counter.count(JSON.stringify({ ...request, metadata: { ...metadata, budget } }));
    if (used <= limit) return { ...request, metadata: { ...metadata, budget: { limit, used } } };
    if (resources.pop() !== undefined) dropped['budget'] = (dropped['budget'] ?? 0) + 1;
    else if (history.length > 0) dropOldestTurn(history, dropped);
    else {
      throw new RequestError('OVER_BUDGET', `the message does not fit into ${limit} tokens`, {
        details: { limit, needed: used },
      });
    }
  }
}

function dropOldestTurn(history: HistoryMessage[], dropped: Record<string, number>): void {
  const next = history.findIndex(({ role }, index) => index > 0 && role === 'user');
  const gone = history.splice(0, next < 0 ? history.length : next);
  dropped['history'] = (dropped['history'] ?? 0) + gone.length;
}
