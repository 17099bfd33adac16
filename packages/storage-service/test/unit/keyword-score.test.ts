import { expect, it } from 'vitest';
import type { ClearRecord } from '../../src/backends/backend.ts';
import { keywordQuery } from '../../src/keyword-query.ts';
import { scoreKeywords } from '../../src/keyword-score.ts';

function record(id: string, rest: Partial<ClearRecord> = {}): ClearRecord {
  const resource_id = rest.resource_id ?? `ec2:instance/${id}`;
  return {
    key: `111111111111-eu-west-1-${resource_id}`,
    account_id: '111111111111',
    visible_from: ['111111111111'],
    region: 'eu-west-1',
    service: 'ec2',
    resource_type: 'ec2:instance',
    resource_id,
    arn: null,
    name: id,
    state: null,
    tags: null,
    created_at: null,
    relations: [],
    permissions: null,
    text: 'EC2 instance, server',
    content_hash: '',
    embedding: null,
    first_seen: '',
    last_seen: '',
    scan_id: null,
    missing_since: null,
    ...rest,
  };
}

function order(text: string, records: ClearRecord[], count = 5): (string | null | undefined)[] {
  const query = keywordQuery(text);
  const counts = new Map(query.words.map((word) => [word, count]));
  const found = scoreKeywords(query, records, { total: 500, counts });
  return found.map(({ key }) => records.find((one) => one.key === key)?.name);
}

it('puts what is a thing before what has it in its name', () => {
  const database = record('orders', { text: 'RDS database. named orders' });
  const secret = record('orders-database', { text: 'secret, password. named orders database' });
  expect(order('orders database', [secret, database])).toEqual(['orders', 'orders-database']);
});

it('takes a region, an account and the value of a tag for identifiers', () => {
  const here = record('here', { tags: { CostCentre: '4711' } });
  const namedSo = record('copy-of-eu-west-1-4711', { region: 'eu-west-3' });
  expect(order('server in eu-west-1', [namedSo, here], 300)[0]).toBe('here');
  expect(order('4711', [namedSo, here])[0]).toBe('here');
});

it('takes a size in the text for an identifier, not a part of a longer one', () => {
  const small = record('a', { text: 'EC2 instance, server. t3.micro' });
  const other = record('b', { text: 'EC2 instance, server. at3.micro' });
  expect(order('t3.micro', [other, small])).toEqual(['a', 'b']);
});
