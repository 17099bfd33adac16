import { monitorEventLoopDelay } from 'node:perf_hooks';
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
  heapMb: number;
}

/** Runs work and watches this process. */
export async function costOf<Value>(work: () => Promise<Value>): Promise<Cost<Value>> {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const most = { rss: 0, heap: 0 };
  const look = () => {
    const { rss, heapUsed } = process.memoryUsage();
    most.rss = Math.max(most.rss, rss - before.rss);
    most.heap = Math.max(most.heap, heapUsed - before.heapUsed);
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
      rssMb: Math.round(most.rss / 1e6),
      heapMb: Math.round(most.heap / 1e6),
    };
  } finally {
    delay.disable();
    clearInterval(watch);
  }
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
