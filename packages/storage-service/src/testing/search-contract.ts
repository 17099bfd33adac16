import { between, idsOf, resource, resources, vectorOf } from './fixtures.ts';
import type { Contract } from './contract.ts';

/** Search: three modes, filters, thresholds, ties, hostile text. */
export function describeSearch({ describe, it, expect, withStorage, codeOf }: Contract): void {
  const near = vectorOf(1);
  const far = vectorOf(2);

  describe('search', () => {
    it('orders by cosine, within a filter, above a threshold', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert(
          Array.from({ length: 10 }, (_, index) => ({
            record: resource(`i-${index}`, { state: index % 2 === 0 ? 'even' : 'odd' }),
            vector: between(near, far, index / 10).map((value) => value * (index + 1)),
          })),
        );
        const options = { vector: near, mode: 'semantic' } as const;
        const all = await estate.search(options);
        expect(idsOf(all.map((found) => found.record))).toEqual(
          Array.from({ length: 10 }, (_, index) => `i-${index}`),
        );
        expect(all[0]?.score ?? 0).toBeCloseTo(1, 4);
        expect(all[5]?.score ?? 0).toBeCloseTo(cosine(near, between(near, far, 0.5)), 4);
        const filter = { eq: { field: 'state', value: 'odd' } };
        const odd = await estate.search({ ...options, filter, limit: 3 });
        expect(idsOf(odd.map((found) => found.record))).toEqual(['i-1', 'i-3', 'i-5']);
        const min_score = all[2]?.score ?? 0;
        expect((await estate.search({ ...options, min_score })).length).toBe(3);
      }));

    it('finds exactly the best of several accounts', () =>
      withStorage(async ({ estate }) => {
        const accounts = ['111111111111', '222222222222', '333333333333'];
        const items = Array.from({ length: 600 }, (_, index) => ({
          record: resource(`i-${index}`, { account_id: accounts[index % 3] ?? '' }),
          vector: vectorOf(index + 10),
        }));
        await estate.upsert(items);
        const expected = items
          .filter((_, index) => index % 3 !== 2)
          .map(({ record, vector }) => ({ key: record.key, score: cosine(near, vector) }))
          .toSorted((a, b) => b.score - a.score)
          .slice(0, 10);
        const found = await estate.search({
          vector: near,
          filter: { in: { field: 'account_id', values: accounts.slice(0, 2) } },
          limit: 10,
        });
        expect(found.map((one) => one.record.key)).toEqual(expected.map((one) => one.key));
      }));

    it('orders ties by key', () =>
      withStorage(async ({ estate }) => {
        const items = resources(30).map(({ record }) => ({ record, vector: near }));
        await estate.upsert(items.toReversed());
        const found = await estate.search({ vector: near, limit: 5 });
        expect(found.map((one) => one.record.key)).toEqual(
          items.slice(0, 5).map((item) => item.record.key),
        );
      }));

    it('gives a zero vector the score 0', () =>
      withStorage(async ({ estate }) => {
        const zero = new Float32Array(near.length);
        await estate.upsert([
          { record: resource('i-zero'), vector: zero },
          { record: resource('i-near'), vector: near },
          { record: resource('i-opposite'), vector: near.map((value) => -value) },
        ]);
        const found = await estate.search({ vector: near });
        expect(idsOf(found.map((one) => one.record))).toEqual(['i-near', 'i-zero', 'i-opposite']);
        expect(found[1]?.score).toBe(0);
        const byZero = await estate.search({ vector: zero });
        expect(byZero.map((one) => one.score)).toEqual([0, 0, 0]);
      }));

    it('finds by words alone what is written in another form, or almost so', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert([
          { record: resource('i-1', { name: 'ops-jenkins-prd', text: 'server. build machine' }) },
          { record: resource('i-2', { name: 'ops-mail', text: 'bucket. old backups' }) },
        ]);
        const find = async (text: string) =>
          idsOf((await estate.search({ text, mode: 'keyword' })).map((found) => found.record));
        for (const text of ['production servers', 'jenkis', 'boxes in prod']) {
          expect([text, (await find(text))[0]]).toEqual([text, 'i-1']);
        }
        expect(await find('qqqqqq')).toEqual([]);
      }));

    it('finds what refers to an identifier behind what has it', () =>
      withStorage(async ({ estate }) => {
        const group = resource('sg-0aa11', { name: 'open-door' });
        const member = resource('i-1', {
          relations: [
            { type: 'uses_security_group', target: group.key },
            { type: 'has_address', target: '10.0.0.7' },
          ],
        });
        await estate.upsert([...resources(300), { record: group }, { record: member }]);
        const find = async (text: string) =>
          idsOf((await estate.search({ text, limit: 2 })).map((found) => found.record));
        expect(await find('what uses sg-0aa11')).toEqual(['sg-0aa11', 'i-1']);
        expect(await find('instances behind open-door')).toEqual(['sg-0aa11', 'i-1']);
        expect((await find('who has 10.0.0.7'))[0]).toBe('i-1');
      }));

    it('finds words, names and identifiers, whatever else is in the text', () =>
      withStorage(async ({ estate }) => {
        const web = resource('i-0abc12345', {
          name: 'checkout-web',
          text: 'production web server',
        });
        const other = resource('vol-9', { name: 'backup', text: 'archive of the Café in Zürich' });
        await estate.upsert([{ record: web }, { record: other }]);
        const find = async (text: string) =>
          idsOf((await estate.search({ text })).map((found) => found.record));
        for (const text of ['i-0abc12345', 'I-0ABC', '0abc123', 'arn:aws:ec2:', 'checkout-web']) {
          expect([text, (await find(text))[0]]).toEqual([text, 'i-0abc12345']);
        }
        for (const text of [
          'production',
          'PRODUCTION web',
          'eckou',
          '"production"',
          'production*',
        ]) {
          expect([text, await find(text)]).toEqual([text, ['i-0abc12345']]);
        }
        for (const text of ['cafe', 'CAFÉ', 'zurich', 'backup']) {
          expect([text, await find(text)]).toEqual([text, ['vol-9']]);
        }
        const hostile = [
          '"',
          '*',
          'AND',
          'NOT',
          'NEAR(',
          '😀',
          '^',
          ':',
          '-',
          "'",
          '\u0000',
          '\ud800',
          '()',
        ];
        for (const text of [...hostile, 'x '.repeat(10_000), '{"a":1}', 'words MATCH']) {
          expect([text, await codeOf(estate.search({ text }))]).toEqual([text, 'resolved']);
        }
      }));

    it('forgets the words of a resource that changed', () =>
      withStorage(async ({ estate }) => {
        const record = resource('i-1', { text: 'before' });
        await estate.upsert([{ record }]);
        await estate.upsert([{ record: { ...record, text: 'after' } }]);
        expect((await estate.search({ text: 'before' })).length).toBe(0);
        expect((await estate.search({ text: 'after' })).length).toBe(1);
      }));

    it('finds a misspelled word as those that are near by meaning spell it', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert([
          { record: resource('i-near', { text: 'something' }), vector: near },
          { record: resource('i-word', { text: 'grafana' }), vector: between(near, far, 0.5) },
        ]);
        const found = await estate.search({ text: 'grafna', vector: near, explain: true });
        expect(idsOf(found.map((one) => one.record))).toEqual(['i-word', 'i-near']);
        expect(found[0]?.explain?.keyword?.matched).toEqual(['grafana']);
      }));

    it('puts what fits both by words and by meaning first, and explains it', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert([
          { record: resource('i-both', { text: 'database' }), vector: between(near, far, 0.1) },
          { record: resource('i-near', { text: 'something' }), vector: near },
          { record: resource('i-word', { text: 'database' }), vector: far },
        ]);
        const found = await estate.search({ text: 'database', vector: near, explain: true });
        expect(idsOf(found.map((one) => one.record))).toEqual(['i-both', 'i-near', 'i-word']);
        expect(found[0]?.explain?.semantic?.rank).toBe(2);
        expect(found[0]?.explain?.keyword?.matched).toEqual(['database']);
        expect(found[1]?.explain?.keyword).toBe(null);
        expect((found[0]?.score ?? 0) <= 1).toBe(true);
      }));

    it('needs what it searches for', () =>
      withStorage(async ({ estate }) => {
        expect(await codeOf(estate.search({}))).toBe('INVALID_INPUT');
        expect(await codeOf(estate.search({ text: ' ' }))).toBe('INVALID_INPUT');
        expect(await codeOf(estate.search({ text: 'x', mode: 'semantic' }))).toBe(
          'EMBEDDER_MISSING',
        );
        expect(await codeOf(estate.search({ vector: near, mode: 'keyword' }))).toBe(
          'INVALID_INPUT',
        );
        expect(await codeOf(estate.search({ text: 'x', limit: 0 }))).toBe('INVALID_INPUT');
        expect(await estate.search({ text: 'x' })).toEqual([]);
        const signal = AbortSignal.abort();
        expect(await codeOf(estate.search({ text: 'x', signal }))).toBe('ABORTED');
      }));
  });
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let lengthA = 0;
  let lengthB = 0;
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    dot += value * other;
    lengthA += value * value;
    lengthB += other * other;
  }
  return dot / Math.sqrt(lengthA * lengthB);
}
