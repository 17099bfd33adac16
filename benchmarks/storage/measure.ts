import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** One line of the result. */
export interface Row {
  what: string;
  [column: string]: string | number;
}

const rows: Row[] = [];

/** Adds a line, and prints it at once. */
export function report(row: Row): void {
  rows.push(row);
  console.log(
    Object.entries(row)
      .map(([name, value]) => (name === 'what' ? String(value).padEnd(56) : `${name} ${value}`))
      .join('  '),
  );
}

/** Writes what was reported to `results/storage.json`. */
export function saveReport(): void {
  const folder = join(import.meta.dirname, '../results');
  mkdirSync(folder, { recursive: true });
  const setup = { node: process.version, date: new Date().toISOString() };
  writeFileSync(join(folder, 'storage.json'), `${JSON.stringify({ ...setup, rows }, null, 2)}\n`);
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
    round(measured[Math.floor(share * (measured.length - 1))] ?? Number.NaN);
  return { p50: percentile(0.5), p95: percentile(0.95) };
}

/** Runs something once; gives the rate, and for how long the event loop stood still. */
export async function rate(
  count: number,
  work: () => Promise<unknown>,
): Promise<{ 'per s': number; 'loop ms': number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  return { 'per s': Math.round(count / seconds), 'loop ms': round(delay.max / 1e6) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
