import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** One line of the result. `goal` says which figures are bound, absent for comparison only. */
export interface Row {
  what: string;
  figures: Record<string, number | string>;
  goal?: string;
  reached: boolean | null;
}

const rows: Row[] = [];

/** Adds a line and prints it at once. */
export function report(
  what: string,
  figures: Record<string, number | string>,
  goal?: { text: string; reached: boolean },
): void {
  const reached = goal?.reached ?? null;
  rows.push({ what, figures, ...(goal && { goal: goal.text }), reached });
  const mark = reached === null ? '    ' : reached ? 'ok  ' : 'MISS';
  const values = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  console.log(`${mark} ${what.padEnd(52)} ${values.join(' · ')}${goal ? `   (${goal.text})` : ''}`);
}

/** Writes what was reported to `results/scanner.json`, and says how many goals were reached. */
export function saveReport(setup: Record<string, number | string>): void {
  const folder = join(import.meta.dirname, '../results');
  mkdirSync(folder, { recursive: true });
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? '', cores: cpus().length };
  const json = { date: new Date().toISOString(), ...machine, ...setup, rows };
  writeFileSync(join(folder, 'scanner.json'), `${JSON.stringify(json, null, 2)}\n`);
  const judged = rows.filter(({ reached }) => reached !== null);
  const missed = judged.filter(({ reached }) => reached === false);
  console.log(`${judged.length - missed.length} of ${judged.length} goals reached`);
}

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
