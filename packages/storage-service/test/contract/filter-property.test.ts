import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  matchesFilter,
  noEncryption,
  parseFilter,
  StorageService,
  type Filter,
} from 'cloudops-storage-service';
import { resource } from '../../src/testing/fixtures.ts';

const text = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'b'),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const field = fc.constantFrom('name', 'state', 'region', 'tags.k', 'tags.😀', 'allowed_actions');
const condition = fc
  .record({ field, value: text })
  .chain((operand) =>
    fc.constantFrom<Filter>(
      { eq: operand },
      { prefix: operand },
      { exists: { field: operand.field } },
      { in: { field: operand.field, values: [operand.value, 'a'] } },
    ),
  );
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    condition,
    fc.record({ not: tie('filter') }),
    fc.record({ all: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('filter'), { maxLength: 3 }) }),
  ),
}));
const records = fc.array(
  fc.record({
    name: fc.option(text),
    state: fc.option(text),
    tags: fc.option(fc.dictionary(fc.constantFrom('k', '😀'), text)),
    allowed: fc.array(
      text.filter((value) => value !== ''),
      { maxLength: 3 },
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

it('finds what a plain evaluation finds, whatever the text', { timeout: 120_000 }, async () => {
  await using storage = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
  });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(filter, records, async (input, inputs) => {
      round += 1;
      const account_id = `round-${round}`;
      await storage.estate.upsert(
        inputs.map(({ allowed, ...rest }, index) => ({
          record: resource(`i-${index}`, {
            ...rest,
            account_id,
            permissions: {
              principal_arn: 'p',
              allowed,
              denied: [],
              conditional: [],
              evaluated_at: '2026-01-01T00:00:00Z',
              status: 'evaluated',
            },
          }),
        })),
      );
      const own: Filter = { eq: { field: 'account_id', value: account_id } };
      const all = (await storage.estate.list({ filter: own })).records;
      expect(all.length).toBe(inputs.length);
      const parsed = parseFilter(input);
      const found = await storage.estate.list({ filter: { all: [own, input] } });
      expect(found.records).toEqual(all.filter((record) => matchesFilter(parsed, record)));
    }),
    { numRuns: 150 },
  );
});
