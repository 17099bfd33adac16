import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import {
  StorageService,
  noEncryption,
  type Filter,
  type StorageBackend,
} from 'cloudops-storage-service';
import { resource, vectorOf } from '../../src/testing/fixtures.ts';

/** Words that databases take apart, fold or compare differently. */
const words = [
  ..."web Web WEB-1 prod_db i-0abc123 a-b o'neil v1.2.3 x² ½ Ⅷ café cafe e\u0301 ﬁle ÇA İstanbul istanbul".split(
    ' ',
  ),
  ...'ß SS ς Σ σ ǅ ªº 日本 日本語 ไทย हिन्दी 한국어 １２３ ٣ 😀 \u0000nul zero\u200bwidth rtl\u202eabc'.split(
    ' ',
  ),
  ...'" * AND NEAR( % the'.split(' '),
  'prod db',
  '" OR NEAR(',
  'a'.repeat(1200),
];
const text = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...words) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(' '));

/**
 * Fills two stores with the same resources and asks both the same: whatever a caller looks for, it should not tell the backends apart.
 *
 * @returns where it does
 */
export async function differentAnswers(
  backends: readonly [StorageBackend, StorageBackend],
): Promise<unknown[]> {
  const seed = Date.now() % 1_000_000;
  const [one, two] = await Promise.all(
    backends.map((backend) => StorageService.open({ backend, keys: noEncryption() })),
  );
  if (one === undefined || two === undefined) throw new Error('There are two backends.');
  const record = fc.record({ name: fc.option(text), text, tag: text });
  const items = fc
    .sample(record, { numRuns: 60, seed })
    .map(({ name, text: words2, tag }, index) => ({
      record: resource(`i-${index}`, { name, text: words2, tags: { k: tag } }),
      vector: vectorOf(index),
    }));
  for (const storage of [one, two]) await storage.estate.upsert(items);
  const different: unknown[] = [];
  const same = async (what: unknown, ask: (storage: StorageService) => Promise<unknown>) => {
    const [first, second] = [await ask(one), await ask(two)];
    if (!isDeepStrictEqual(first, second)) different.push({ seed, what, first, second });
  };
  const parts = [...words, ...fc.sample(text, { numRuns: 20, seed })];
  for (const part of parts) {
    await same(part, async ({ estate }) => {
      const search = estate.search({ text: part, mode: 'keyword', limit: 30 });
      // A text without a word that can be looked for is the same mistake on both.
      const found = await search.catch((error: { code?: unknown }) => error.code);
      return Array.isArray(found)
        ? found.map((hit) => [hit.record.key, hit.score.toFixed(4)])
        : found;
    });
    for (const field of ['name', 'tags.k'] as const) {
      const operand = { field, value: part };
      const filters: Filter[] = [
        { prefix: operand },
        { eq: operand },
        { not: { prefix: operand } },
      ];
      for (const filter of filters) await same(filter, ({ estate }) => estate.count(filter));
    }
  }
  for (const field of ['name', 'tags.k', 'resource_id', 'last_seen']) {
    await same(field, ({ estate }) => estate.facets(field));
  }
  await same('nearest', async ({ estate }) => {
    const found = await estate.search({ vector: vectorOf(7), mode: 'semantic', limit: 60 });
    return found.map((hit) => [hit.record.key, hit.score.toFixed(4)]);
  });
  await one.close();
  await two.close();
  return different;
}
