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
  return percentilesOf(measured);
}

/** Median and 95th percentile of some times. */
export function percentilesOf(times: readonly number[]): { p50: number; p95: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95) };
}
