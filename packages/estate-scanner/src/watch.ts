import { setTimeout as sleep } from 'node:timers/promises';

/** How a watcher tells and passes time; the defaults are the real clocks. */
export interface WatchClock {
  /** Milliseconds since 1970: goes on while a machine is suspended, and may be set. */
  now(): number;
  /** Milliseconds since some moment: is never set, and may stand still while a machine is suspended. */
  elapsed(): number;
  /** Resolves after some time; resolves early when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const realClock: WatchClock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** So often it is looked whether it is time: a laptop that wakes up is that late at most. */
const LOOK_MS = 15_000;

/** When something is done again. */
export interface Rhythm {
  /** From one beginning to the next, milliseconds. Work that takes longer is followed by the next at once. */
  every: number;
  /** Up to so many milliseconds are added at random each time. */
  jitter: number;
  signal: AbortSignal;
  clock: WatchClock;
  random: () => number;
}

/**
 * Yields each time that it is time: now, and then in the rhythm, until the signal aborts. What was missed (a suspended machine, long work)
 * is not made up for. A clock that is set back delays nothing, one that is set forward brings the next time closer.
 */
export async function* moments({
  every,
  jitter,
  signal,
  clock,
  random,
}: Rhythm): AsyncGenerator<void, void> {
  while (!signal.aborted) {
    const [wall, elapsed] = [clock.now(), clock.elapsed()];
    yield;
    const pause = every + random() * jitter;
    for (;;) {
      if (signal.aborted) return;
      const passed = Math.max(clock.now() - wall, clock.elapsed() - elapsed);
      if (passed >= pause) break;
      await clock.sleep(Math.min(pause - passed, LOOK_MS), signal);
    }
  }
}
