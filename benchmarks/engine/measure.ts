/** Times in milliseconds, summed up. */
export interface Timing {
  p50: number;
  p99: number;
}

/** One line of the table. */
export interface Row {
  what: string;
  figures: Record<string, number>;
  /** What was aimed at, and whether it was reached. */
  goal: string;
  reached: boolean;
}

/** Median and 99th percentile. */
export function summarize(samples: readonly number[]): Timing {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Of what was not measured. */
export const NO_TIMING: Timing = { p50: 0, p99: 0 };

/**
 * Runs each piece of work in turn, round after round, so that whatever else the machine does hits all of them alike.
 *
 * @returns how long each took, in their order
 */
export async function interleave(
  contenders: readonly (() => Promise<unknown>)[],
  rounds: number,
): Promise<Timing[]> {
  const samples = contenders.map((): number[] => []);
  // The first two rounds warm up.
  for (let round = -2; round < rounds; round += 1) {
    for (const [index, work] of contenders.entries()) {
      const began = performance.now();
      await work();
      if (round >= 0) samples[index]?.push(performance.now() - began);
    }
  }
  return samples.map(summarize);
}

/** The longest stretch, in milliseconds, in which the event loop did nothing else while `work` ran. */
export async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let over = false;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!over) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  over = true;
  return longest;
}

/** Two digits behind the point. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The rows as a table for people. */
export function table(rows: readonly Row[]): string {
  return rows
    .map(({ what, figures, goal, reached }) => {
      const values = Object.entries(figures).map(([name, value]) => `${name} ${rounded(value)}`);
      return `${reached ? 'ok  ' : 'MISS'} ${what}\n     ${values.join(' · ')}\n     goal: ${goal}`;
    })
    .join('\n');
}
