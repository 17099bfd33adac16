import { EXIT } from './exit-codes.ts';

/** Ctrl-C, as a signal that commands listen to. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Stops listening. */
  release: () => void;
}

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, so that everything can be ended in order. A second one ends
 * the program at once; children of the engine end with it.
 */
export function listenForInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const listener = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    onFirst();
    controller.abort(new DOMException('Interrupted.', 'AbortError'));
  };
  for (const name of names) process.on(name, listener);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of names) process.off(name, listener);
    },
  };
}
