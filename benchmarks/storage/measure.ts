import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** A goal of a row: met when none of the figures named is on the wrong side. */
export interface Goal {
  /** The highest figures that will do. */
  atMost?: Record<string, number>;
  /** The lowest. */
  atLeast?: Record<string, number>;
}

/** One line of the result. */
export interface Row {
  what: string;
  figures: Record<string, number>;
  /** Absent: for comparison only. */
  goal?: Goal;
}

const rows: (Row & { reached: boolean | null })[] = [];

/** Adds a line, and prints it at once. */
export function report(what: string, figures: Record<string, number>, goal?: Goal): void {
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, round(value)]),
  );
  const reached = goal === undefined ? null : meets(rounded, goal);
  rows.push({ what, figures: rounded, ...(goal === undefined ? {} : { goal }), reached });
  const mark = reached === null ? '    ' : reached ? 'ok  ' : 'MISS';
  const values = Object.entries(rounded).map(([name, value]) => `${name} ${value}`);
  console.log(`${mark} ${what.padEnd(58)} ${values.join(' · ').padEnd(40)} ${goalText(goal)}`);
}

function meets(figures: Record<string, number>, { atMost = {}, atLeast = {} }: Goal): boolean {
  const holds = (bounds: Record<string, number>, test: (value: number, bound: number) => boolean) =>
    Object.entries(bounds).every(([name, bound]) => test(figures[name] ?? Number.NaN, bound));
  return (
    holds(atMost, (value, bound) => value <= bound) &&
    holds(atLeast, (value, bound) => value >= bound)
  );
}

function goalText({ atMost = {}, atLeast = {} }: Goal = {}): string {
  return [
    ...Object.entries(atMost).map(([name, bound]) => `${name} ≤ ${bound}`),
    ...Object.entries(atLeast).map(([name, bound]) => `${name} ≥ ${bound}`),
  ].join(', ');
}

/** Writes what was reported to `results/storage.json`, and says what was missed. */
export function saveReport(scale: number): void {
  const folder = join(import.meta.dirname, '../results');
  mkdirSync(folder, { recursive: true });
  const setup = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    scale,
  };
  writeFileSync(join(folder, 'storage.json'), `${JSON.stringify({ ...setup, rows }, null, 2)}\n`);
  const judged = rows.filter((row) => row.reached !== null);
  const missed = judged.filter((row) => row.reached === false);
  console.log(`${judged.length - missed.length} of ${judged.length} goals reached`);
}

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

/** Runs something some times, after a warm-up, and gives the percentiles in milliseconds. */
export async function percentiles(
  times: number,
  work: (index: number) => unknown,
): Promise<{ p50: number; p95: number }> {
  for (let index = 0; index < Math.min(5, times); index += 1) await work(index);
  const measured: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const start = performance.now();
    await work(index);
    measured.push(performance.now() - start);
  }
  measured.sort((a, b) => a - b);
  const percentile = (share: number) =>
    measured[Math.floor(share * (measured.length - 1))] ?? Number.NaN;
  return { p50: percentile(0.5), p95: percentile(0.95) };
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

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
