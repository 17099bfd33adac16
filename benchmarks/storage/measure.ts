import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Report } from '../measure/report.ts';

/** What this benchmark has measured. */
export const results = new Report('storage');

const blocks = new Map<string, number>();

/** The longest time for which the event loop of the caller stood still in any call that was measured, and in which. */
export function longestBlock(): { what: string; ms: number } {
  const [what, ms] = [...blocks].sort((a, b) => b[1] - a[1])[0] ?? ['nothing', 0];
  return { what, ms };
}

/** Runs work while watching the event loop of this thread. */
export async function watched<T>(what: string, work: () => Promise<T>): Promise<T> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  try {
    return await work();
  } finally {
    delay.disable();
    // The timer itself takes its resolution.
    blocks.set(what, Math.max(blocks.get(what) ?? 0, delay.max / 1e6 - 1));
  }
}

/** Runs something once; gives how many of `count` were done a second. */
export async function rate(count: number, work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round((count / (performance.now() - start)) * 1000);
}

/** How long a piece of work takes, and how long another caller waits at most meanwhile. */
export async function waitOfOthers(
  work: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<{ s: number; 'others wait ms': number }> {
  const state = { isOver: false };
  const start = performance.now();
  const working = work().finally(() => {
    state.isOver = true;
  });
  let longest = 0;
  while (!state.isOver) {
    const asked = performance.now();
    await other();
    longest = Math.max(longest, performance.now() - asked);
  }
  await working;
  return { s: (performance.now() - start) / 1000, 'others wait ms': longest };
}
