import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventHandler } from '../events.ts';
import type { Journal } from '../logs/journal.ts';
import { eventsOf } from '../logs/replay.ts';
import type { HandlerErrorListener } from '../options.ts';

/** How long one handler may be fed before the event loop gets its turn. */
const TURN_MS = 5;

/**
 * Feeds one handler with one journal, at the handler's own pace: what it has not seen yet waits in the log, not in
 * memory. Resolves when it has seen the last event; a handler that never settles keeps only this promise waiting.
 */
export async function dispatch(
  handler: EventHandler,
  journal: Journal,
  onError: HandlerErrorListener,
): Promise<void> {
  let turnBegan = performance.now();
  try {
    for await (const loaded of journal.follow()) {
      for (const events of eventsOf(journal.scope, loaded)) {
        for (const event of events) {
          try {
            const answer = handler.onEvent(event);
            if (answer !== undefined) await answer;
          } catch (error) {
            onError(error);
          }
        }
        // A handler that returns at once would otherwise keep the loop busy for as long as there is a backlog.
        if (performance.now() - turnBegan < TURN_MS) continue;
        await nextTurn();
        turnBegan = performance.now();
      }
    }
  } catch (error) {
    // The log is gone under a reader that was behind.
    onError(error);
  }
}
