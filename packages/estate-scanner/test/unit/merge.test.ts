import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { merge } from '../../src/scan/merge.ts';
import { collect } from '../support/collect.ts';

/** Yields after pauses, and notes when it has ended. */
async function* slow(name: string, pauses: number[], ended: string[] = []): AsyncGenerator<string> {
  try {
    for (const [index, ms] of pauses.entries()) {
      await sleep(ms);
      yield `${name}${index}`;
    }
  } finally {
    ended.push(name);
  }
}

async function* failing(): AsyncGenerator<string> {
  await sleep(20);
  yield 'last';
  throw new Error('broken');
}

describe('merge', () => {
  it('yields everything as it comes, whoever has it', async () => {
    const merged = await collect(merge([slow('a', [40, 40]), slow('b', [5, 5]), slow('c', [])]));
    expect(merged).toEqual(['b0', 'b1', 'a0', 'a1']);
    expect(await collect(merge([]))).toEqual([]);
  });

  it('ends the others when one fails, and when its reader stops', async () => {
    const ended: string[] = [];
    const seen: string[] = [];
    const reading = (async () => {
      for await (const item of merge([failing(), slow('a', [1, 1000, 1000], ended)]))
        seen.push(item);
    })();
    await expect(reading).rejects.toThrow('broken');
    expect(seen).toEqual(['a0', 'last']);
    expect(ended).toEqual(['a']);
    for await (const item of merge([slow('a', [1, 1], ended), slow('b', [1, 1], ended)])) {
      expect(item).toMatch(/0$/u);
      break;
    }
    expect(ended.sort()).toEqual(['a', 'a', 'b']);
  });

  it('reads no source further ahead than one item', async () => {
    let made = 0;
    const endless = async function* () {
      for (;;) yield (made += 1);
    };
    for await (const item of merge([endless()])) {
      await sleep(1);
      if (item === 10) break;
    }
    expect(made).toBeLessThanOrEqual(12);
  });
});
