import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Report } from '../measure/report.ts';

/** What this benchmark has measured. */
export const results = new Report('scanner');

/** What work cost the process that waited for it. */
export interface Cost<Value> {
  value: Value;
  seconds: number;
  /** The longest time the event loop stood still. */
  blockedMs: number;
  /** Most memory beyond what there was before. */
  rssMb: number;
}

/** Runs work and watches this process. */
export async function costOf<Value>(work: () => Promise<Value>): Promise<Cost<Value>> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let mostRss = 0;
  const look = () => {
    mostRss = Math.max(mostRss, process.memoryUsage.rss() - before);
  };
  const watch = setInterval(look, 20);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  try {
    const value = await work();
    const seconds = (performance.now() - start) / 1000;
    look();
    return {
      value,
      seconds: round(seconds, 2),
      blockedMs: round(delay.max / 1e6, 1),
      rssMb: Math.round(mostRss / 1e6),
    };
  } finally {
    delay.disable();
    clearInterval(watch);
  }
}

/** Collects garbage, and tells how many bytes of the heap are held. */
export function heldBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** The collector, also where Node was not started with --expose-gc. */
const collect: () => void = (() => {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') throw new Error('there is no collector to call');
  return () => void gc();
})();

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
