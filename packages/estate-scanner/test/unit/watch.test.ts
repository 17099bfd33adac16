import { describe, expect, it } from 'vitest';
import { moments, type WatchClock } from '../../src/watch.ts';

/** Clocks of a machine that a test suspends, and whose wall clock it sets. */
class MadeUpClock implements WatchClock {
  wall = 1_700_000_000_000;
  monotonic = 0;
  slept = 0;
  onSleep: (ms: number) => void = () => undefined;
  now = () => this.wall;
  elapsed = () => this.monotonic;
  sleep = (ms: number) => {
    this.slept += 1;
    this.wall += ms;
    this.monotonic += ms;
    this.onSleep(ms);
    return Promise.resolve();
  };
}

const minute = 60_000;

async function times(
  count: number,
  clock: MadeUpClock,
  options: { jitter?: number; work?: (turn: number) => void; signal?: AbortSignal } = {},
): Promise<number[]> {
  const { jitter = 0, work = () => undefined, signal = new AbortController().signal } = options;
  const begun: number[] = [];
  const rhythm = { every: 10 * minute, jitter, signal, clock, random: () => 0.5 };
  for await (const _now of moments(rhythm)) {
    begun.push(clock.monotonic);
    if (begun.length === count) break;
    work(begun.length);
  }
  return begun.map((at) => at / minute);
}

describe('moments', () => {
  it('come at once and then in the rhythm, with their share of jitter', async () => {
    expect(await times(3, new MadeUpClock())).toEqual([0, 10, 20]);
    expect(await times(3, new MadeUpClock(), { jitter: 4 * minute })).toEqual([0, 12, 24]);
  });

  it('never overlap: long work is followed by the next at once, not by what was missed', async () => {
    const clock = new MadeUpClock();
    const work = (turn: number) => {
      if (turn !== 1) return;
      clock.wall += 35 * minute;
      clock.monotonic += 35 * minute;
    };
    expect(await times(3, clock, { work })).toEqual([0, 35, 45]);
  });

  it('are not delayed by a wall clock that is set back', async () => {
    const clock = new MadeUpClock();
    const work = () => {
      clock.wall -= 86_400_000;
    };
    expect(await times(3, clock, { work })).toEqual([0, 10, 20]);
  });

  it('come once, soon after a suspended machine wakes up', async () => {
    const clock = new MadeUpClock();
    let isAwake = true;
    clock.onSleep = () => {
      // The lid is closed for eight hours: the timer's clock stands still meanwhile.
      if (isAwake) clock.wall += 8 * 60 * minute;
      isAwake = false;
    };
    const [, second = 0, third = 0] = await times(3, clock);
    expect(second).toBeLessThan(1);
    expect(third - second).toBe(10);
  });

  it('end when the signal aborts, also while waiting', async () => {
    const stop = new AbortController();
    const clock = new MadeUpClock();
    clock.onSleep = () => stop.abort();
    expect(await times(5, clock, { signal: stop.signal })).toEqual([0]);
    expect(clock.slept).toBe(1);
    expect(await times(5, clock, { signal: AbortSignal.abort() })).toEqual([]);
  });
});
