/** Signals with which a terminal or a service manager asks a program to end. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * At the first of these signals calls `end`, and then lets the signal have its way with this process.
 *
 * @returns takes the listeners away again
 */
export function endOnSignals(
  signals: readonly NodeJS.Signals[],
  end: () => Promise<void>,
): () => void {
  const listeners = signals.map((signal) => {
    const listener = () => {
      remove();
      // Whether it closed well or not, the host was told to end.
      void end()
        .catch(() => {})
        .then(() => process.kill(process.pid, signal));
    };
    return { signal, listener };
  });
  const remove = () => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  };
  for (const { signal, listener } of listeners) process.on(signal, listener);
  return remove;
}
