import type { EventHandler, ExecutionEvent } from '../events.ts';

/** Passes on only the events for which `wanted` is true. */
export function filterHandler(
  wanted: (event: ExecutionEvent) => boolean,
  handler: EventHandler,
): EventHandler {
  return { onEvent: (event) => (wanted(event) ? handler.onEvent(event) : undefined) };
}
