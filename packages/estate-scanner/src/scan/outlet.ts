import type { ScanEvent, ScanEventHandler } from '../events.ts';

/** Where the events of a scan go. */
export interface EventOutlet {
  emit(event: ScanEvent): void;
  /** Resolves when there is room: what produces many events waits for it. */
  ready(): Promise<void>;
}

/** Gives events to a handler; what the handler throws goes to `onError`. */
export function handlerOutlet(
  handler: ScanEventHandler | undefined,
  onError: (error: unknown) => void,
): EventOutlet {
  return {
    emit(event) {
      try {
        // An async handler is a mistake that types do not catch; its rejection must not end the process.
        const returned: unknown = handler?.(event);
        if (returned instanceof Promise) returned.catch(onError);
      } catch (error) {
        onError(error);
      }
    },
    ready: () => Promise.resolve(),
  };
}
