import type { HistoryMessage } from '../protocol/request.ts';

/**
 * A conversation in turns: what the user said and all that followed from it.
 *
 * History is only ever cut between turns, so that no outcome stands without what it came from. What comes before the first message of the user is the rest
 * of a turn that was cut, and is in `rest`.
 */
export function turnsOf(history: readonly HistoryMessage[]): {
  turns: HistoryMessage[][];
  rest: HistoryMessage[];
} {
  const turns: HistoryMessage[][] = [];
  const rest: HistoryMessage[] = [];
  for (const message of history) {
    if (message.role === 'user') turns.push([message]);
    else (turns.at(-1) ?? rest).push(message);
  }
  return { turns, rest };
}
