import type { EventHandler, ExecutionEvent } from '../events.ts';

/** A function per type of event; each may be left out. */
export type EventCallbacks = {
  [Type in ExecutionEvent['type']]?: (
    event: Extract<ExecutionEvent, { type: Type }>,
  ) => void | Promise<void>;
};

/** Calls the function that is there for an event's type. */
export function callbackHandler(callbacks: EventCallbacks): EventHandler {
  return {
    onEvent(event) {
      switch (event.type) {
        case 'started':
          return callbacks.started?.(event);
        case 'stdout':
          return callbacks.stdout?.(event);
        case 'stderr':
          return callbacks.stderr?.(event);
        case 'progress':
          return callbacks.progress?.(event);
        case 'completed':
          return callbacks.completed?.(event);
        case 'failed':
          return callbacks.failed?.(event);
        default:
          return callbacks.cancelled?.(event);
      }
    },
  };
}
