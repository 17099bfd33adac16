import { describe, expect, it } from 'vitest';
import type { AwsCall } from '../../src/aws/cli.ts';
import { listItems } from '../../src/aws/pages.ts';
import type { Json } from '../../src/resource.ts';
import { collect } from '../support/collect.ts';

const { signal } = new AbortController();
const call = { service: 'lambda', operation: 'list-functions', query: 'Functions[].{name: A}' };

/** A CLI that answers with these pages, the last one again and again. */
function cliWith(...pages: { items: string[]; next: string | null }[]) {
  const calls: AwsCall[] = [];
  return {
    calls,
    call(asked: AwsCall): Promise<Json> {
      const page = pages[Math.min(calls.length, pages.length - 1)];
      calls.push(asked);
      const items = (page?.items ?? []).map((name) => ({ name }));
      return Promise.resolve({ items, next: page?.next ?? null });
    },
  };
}

describe('listItems', () => {
  it('goes on from token to token, also behind a page with nothing in it', async () => {
    const cli = cliWith(
      { items: ['a'], next: '1' },
      { items: [], next: '2' },
      { items: ['b'], next: null },
    );
    expect(await collect(listItems(cli, call, 1000, signal))).toEqual([
      { name: 'a' },
      { name: 'b' },
    ]);
    expect(cli.calls.map(({ args }) => args?.at(-1))).toEqual([undefined, '1', '2']);
  });

  it.each([
    ['at once', [{ items: ['a'], next: '1' }]],
    [
      'by a longer way',
      [
        { items: ['a'], next: '1' },
        { items: ['b'], next: '2' },
        { items: ['c'], next: '1' },
      ],
    ],
  ])(
    'fails where a token comes again %s: neither is the list whole nor has it an end',
    async (_how, pages) => {
      const cli = cliWith(...pages);
      const seen: unknown[] = [];
      const reading = (async () => {
        for await (const item of listItems(cli, call, 1000, signal)) seen.push(item['name']);
      })();
      await expect(reading).rejects.toMatchObject({ code: 'TokenRepeated', kind: 'output' });
      expect(seen.length).toBeLessThan(5);
      expect(seen).toContain('a');
    },
  );

  it('knows an answer by the list that it names, whether there is something in it or not', async () => {
    const cli = cliWith({ items: [], next: null });
    await collect(listItems(cli, call, 1000, signal));
    await collect(listItems(cli, { ...call, service: 'sqs' }, 1000, signal));
    const [json, sqs] = cli.calls;
    expect(json?.isAnswer?.({ items: [], next: null })).toBe(true);
    for (const page of [{ items: null, next: null }, null, [], 'page']) {
      expect(json?.isAnswer?.(page)).toBe(false);
    }
    expect(sqs?.isAnswer?.({ items: null, next: null })).toBe(true);
  });
});
