import type { NativeGate } from './native-gate.ts';

/** Loading takes 0.3 s and the longest text 20 ms (measured); beyond this a process that wants to end may as well abort. */
const EXIT_WAIT_MS = 10_000;

const guarded = new Set<NativeGate>();

/** One listener for all threads: Node prints a warning where there are more than ten. */
function stopAll(): void {
  for (const gate of guarded) gate.stop(EXIT_WAIT_MS);
}

/**
 * Makes this process, when it exits, wait for a thread that is inside native code.
 *
 * @returns what ends that, once the thread has ended
 */
export function guardExit(gate: NativeGate): () => void {
  if (guarded.size === 0) process.on('exit', stopAll);
  guarded.add(gate);
  return () => {
    guarded.delete(gate);
    if (guarded.size === 0) process.off('exit', stopAll);
  };
}
