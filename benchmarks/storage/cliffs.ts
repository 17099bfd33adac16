import type { Filter, StorageService } from 'cloudops-storage-service';
import { questionVector } from './dataset.ts';
import { percentiles } from '../measure/percentiles.ts';
import { results, waitOfOthers, watched } from './measure.ts';

const vector = questionVector(1);
const tag = (value: string): Filter => ({ eq: { field: 'tags.team', value } });

/** What is asked seldom, and must not take forever: single calls at full size. */
export async function benchCliffs(storage: StorageService, size: number): Promise<void> {
  const { estate } = storage;
  const words = (count: number, of: string) =>
    Array.from({ length: count }, (_, at) => `${of}${at}`).join(' ');
  const cases: [string, () => Promise<unknown>][] = [
    ['filter that nothing meets', () => search({ filter: tag('none') })],
    ['filter that all meet', () => search({ filter: { prefix: { field: 'arn', value: 'a' } } })],
    [
      'any of 200 tags',
      () => search({ filter: { any: Array.from({ length: 200 }, (_, at) => tag(`team-${at}`)) } }),
    ],
    ['query of 10,000 words', () => search({ text: words(10_000, 'word') })],
    ['query of words that half of them have', () => search({ text: 'production staging' })],
    ['query of 1 MB', () => search({ text: 'checkout-'.repeat(120_000) })],
    ['identifier that all have in part', () => search({ text: 'i-0' })],
    ['list by name, the first page', () => estate.list({ order: { field: 'name' } })],
    ['facets of a tag', () => estate.facets('tags.team')],
    ['facets of actions', () => estate.facets('allowed_actions')],
    ['count of a tag', () => estate.count(tag('team-7'))],
  ];
  for (const [what, work] of cases) {
    results.add(`${what}, ${size} stored`, await watched(what, () => percentiles(6, work)));
  }
  const pages = await watched('list, page by page', () => percentiles(1, () => allPages(storage)));
  results.add(`all of ${size} in pages of 100`, {
    ms: pages.p50,
    'ms each': (pages.p50 * 100) / size,
  });

  const related = { depth: 5, limit: 1000 };
  const { records } = await estate.list({ limit: 1 });
  results.add(
    `related, depth 5, up to 1,000`,
    await watched('estate.related', () =>
      percentiles(6, () => estate.related(records[0]?.key ?? '', related)),
    ),
  );
  const one = () => estate.get([records[0]?.key ?? '']);
  const marking = () =>
    estate.markMissing({ scope: { account_id: '111111111111' }, scan_id: 'another' });
  const marked = await watched('estate.markMissing', () => waitOfOthers(marking, one));
  const tombstones = (await storage.stats()).tombstones;
  results.add(`markMissing of ${tombstones}`, marked);
  const purging = () => estate.purge({ missing_before: '2100-01-01T00:00:00Z' });
  results.add(
    `purge of ${tombstones}`,
    await watched('estate.purge', () => waitOfOthers(purging, one)),
  );

  function search(options: { text?: string; filter?: Filter }) {
    return estate.search({ text: 'production database', vector, ...options });
  }
}

async function allPages(storage: StorageService): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof storage.estate.list>> = await storage.estate.list({
      cursor,
    });
    cursor = page.cursor;
  } while (cursor !== null);
}
