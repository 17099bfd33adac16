import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../src/scan/map-concurrently.ts';
import { collect } from '../support/collect.ts';

describe('mapConcurrently', () => {
  it('yields every result and never runs more than the limit', async () => {
    let running = 0;
    let most = 0;
    const work = async (item: number) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(item % 3);
      running -= 1;
      return item * 2;
    };
    const items = Array.from({ length: 50 }, (_, index) => index);
    const results = await collect(mapConcurrently(items, work, 7));
    expect(results.sort((a, b) => a - b)).toEqual(items.map((item) => item * 2));
    expect(most).toBe(7);
  });

  it('throws what one throws, after those that had begun', async () => {
    const finished: number[] = [];
    const work = async (item: number) => {
      if (item === 1) throw new Error('one');
      await sleep(20);
      finished.push(item);
      return item;
    };
    await expect(collect(mapConcurrently([0, 1, 2, 3, 4, 5], work, 3))).rejects.toThrow('one');
    expect(finished).toEqual([0, 2]);
  });

  it('survives a failure while the next item is awaited', async () => {
    const slow = async function* () {
      yield 1;
      await sleep(50);
      yield 2;
    };
    const failing = () => Promise.reject(new Error('early'));
    await expect(collect(mapConcurrently(slow(), failing, 10))).rejects.toThrow('early');
  });

  it('begins nothing more once the reader stops', async () => {
    const begun: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      await sleep(1);
      return item;
    };
    const items = Array.from({ length: 100 }, (_, index) => index);
    for await (const _result of mapConcurrently(items, work, 2)) break;
    expect(begun.length).toBeLessThanOrEqual(3);
  });
});
