import { expect, it } from 'vitest';
import { Filter, parseFilter } from 'cloudops-storage-service';

it('names the place of what is wrong', () => {
  const filter = { all: [{ not: { eq: { field: 'name', value: 5 } } }] };
  expect(() => parseFilter(filter)).toThrow('filter: all.0.not.eq.value: ');
  expect(() => parseFilter({ any: [{ exists: { field: 'size' } }] })).toThrow(
    'any.0.exists.field: "size" is not an indexed field; known are account_id',
  );
  expect(() => parseFilter({ eq: { field: 'name', value: 'a', extra: 1 } })).toThrow('extra');
});

it('brings times to one form', () => {
  expect(parseFilter({ gt: { field: 'last_seen', value: '2026-01-01T01:00:00+01:00' } })).toEqual({
    gt: { field: 'last_seen', value: '2026-01-01T00:00:00.000Z' },
  });
});

it('is a schema too', () => {
  expect(Filter.safeParse({ not: { in: { field: 'region', values: ['a'] } } }).success).toBe(true);
  expect(Filter.safeParse({ nor: [] }).success).toBe(false);
});
