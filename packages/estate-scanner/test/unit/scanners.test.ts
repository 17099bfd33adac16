import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/aws/pages.ts';
import { rdsScanner } from '../../src/scanners/rds.ts';
import { vpcScanner } from '../../src/scanners/vpc.ts';
import { collect } from '../support/collect.ts';
import { refusal, stubContext } from '../support/stub-context.ts';

/** These answers are in the shape of the real API, for what the fake does not have. */
const database = (engine: string, more: JsonObject = {}): JsonObject => ({
  id: `${engine}-1`,
  arn: `arn:aws:rds:eu-west-1:123456789012:db:${engine}-1`,
  state: 'available',
  tags: null,
  engine,
  groups: null,
  subnets: ['subnet-b', 'subnet-a', 'subnet-b'],
  vpc: 'vpc-1',
  ...more,
});

describe('rdsScanner', () => {
  it('types Neptune and DocumentDB by their engine', async () => {
    const engines = ['postgres', 'neptune', 'docdb', 'aurora-mysql'];
    const { context } = stubContext({
      lists: { 'describe-db-instances': engines.map((engine) => database(engine)) },
    });
    const found = await collect(rdsScanner.scan(context));
    expect(found.map(({ resource_type }) => resource_type)).toEqual([
      'rds:db',
      'neptune:db',
      'docdb:db',
      'rds:db',
    ]);
  });

  it('keeps unknown apart from false, and sorts what comes in any order', async () => {
    const { context } = stubContext({
      lists: { 'describe-db-instances': [database('postgres', { encrypted: false })] },
    });
    const [found] = await collect(rdsScanner.scan(context));
    expect(found?.tags).toEqual({});
    expect(found?.attributes).toMatchObject({
      storage_encrypted: false,
      publicly_accessible: null,
      multi_az: null,
      subnet_ids: ['subnet-a', 'subnet-b'],
    });
  });

  it('says what is public and unencrypted, of what size, and by which address it is reached', async () => {
    const fields = { encrypted: false, public: true, class: 'db.t3.micro', host: 'pg.example' };
    const { context } = stubContext({
      lists: { 'describe-db-instances': [database('postgres', fields)] },
    });
    const [found] = await collect(rdsScanner.scan(context));
    expect(found?.search_words?.join('. ')).toMatch(/unencrypted.*db\.t3\.micro.*public/u);
    expect(found?.relations).toContainEqual({ type: 'has_address', target: 'pg.example' });
  });

  it('points a replica at its source, by name or by ARN from another region', async () => {
    const arn = 'arn:aws:rds:us-east-1:123456789012:db:main';
    const { context } = stubContext({
      lists: {
        'describe-db-instances': [
          database('postgres', { source: 'main' }),
          database('mysql', { source: arn }),
        ],
      },
    });
    const found = await collect(rdsScanner.scan(context));
    expect(found[0]?.relations).toContainEqual({
      type: 'replica_of',
      resource_type: 'rds:db',
      id: 'main',
    });
    expect(found[1]?.relations).toContainEqual({ type: 'replica_of', target: arn });
  });

  it('asks for wanted databases of any engine in one call, and for no clusters', async () => {
    const { context, calls } = stubContext({ wanted: { 'neptune:db': ['n'], 'rds:db': ['r'] } });
    await collect(rdsScanner.scan(context));
    expect(calls).toEqual(['describe-db-instances']);
  });
});

describe('vpcScanner', () => {
  const vpc = { id: 'vpc-1', owner: '210987654321', state: 'available', tags: null };

  it('makes two calls where there is no VPC, seven where there is one', async () => {
    const empty = stubContext();
    await collect(vpcScanner.scan(empty.context));
    expect(empty.calls).toEqual(['describe-vpcs', 'describe-internet-gateways']);
    const used = stubContext({ lists: { 'describe-vpcs': [vpc] } });
    await collect(vpcScanner.scan(used.context));
    expect(used.calls).toHaveLength(7);
  });

  it('still lists the rest where it may not list VPCs', async () => {
    const { context, calls, failures } = stubContext();
    const denied = {
      ...context,
      list: (...call: Parameters<typeof context.list>) => {
        const items = context.list(...call);
        if (call[1] !== 'describe-vpcs') return items;
        return (async function* () {
          yield* items;
          throw refusal('UnauthorizedOperation');
        })();
      },
    };
    await collect(vpcScanner.scan(denied));
    expect(failures).toHaveLength(1);
    expect(calls).toHaveLength(7);
  });

  it('gives a shared VPC to its owner', async () => {
    const { context } = stubContext({ lists: { 'describe-vpcs': [vpc] } });
    const [found] = await collect(vpcScanner.scan(context));
    expect(found).toMatchObject({
      account_id: '210987654321',
      arn: 'arn:aws:ec2:eu-west-1:210987654321:vpc/vpc-1',
    });
  });

  it('says rules in short and what is open to the internet', async () => {
    const group: JsonObject = {
      id: 'sg-1',
      owner: '123456789012',
      group_name: 'web',
      description: 'web servers',
      tags: null,
      vpc: 'vpc-1',
      ingress: [
        { protocol: 'tcp', from: 443, to: 443, ranges: ['0.0.0.0/0'], ranges_v6: ['::/0'] },
        {
          protocol: 'tcp',
          from: 8000,
          to: 8100,
          groups: [{ id: 'sg-2', account: '210987654321' }],
        },
        { protocol: 'icmp', from: -1, to: -1, ranges: ['10.0.0.0/8'] },
      ],
      egress: [{ protocol: '-1', from: null, to: null, ranges: ['0.0.0.0/0'] }],
    };
    const { context } = stubContext({
      lists: { 'describe-vpcs': [vpc], 'describe-security-groups': [group] },
    });
    const found = await collect(vpcScanner.scan(context));
    const security = found.find(({ resource_type }) => resource_type === 'ec2:security-group');
    expect(security?.attributes).toMatchObject({
      ingress: [
        'icmp from 10.0.0.0/8',
        'tcp 443 from 0.0.0.0/0',
        'tcp 443 from ::/0',
        'tcp 8000-8100 from sg-2',
      ],
      egress: ['all traffic to 0.0.0.0/0'],
      open_to_internet: true,
    });
    expect(security?.relations).toContainEqual({
      type: 'allows_from',
      resource_type: 'ec2:security-group',
      id: 'sg-2',
      account_id: '210987654321',
    });
  });

  it('reads where routes lead', async () => {
    const table: JsonObject = {
      id: 'rtb-1',
      owner: '123456789012',
      tags: null,
      vpc: 'vpc-1',
      main: [true, null],
      subnets: ['subnet-1', null],
      routes: [
        { to: '10.0.0.0/16', target: 'local', state: 'active' },
        { to: '0.0.0.0/0', target: 'igw-1', state: 'active' },
        { to: '10.9.0.0/16', target: 'pcx-1', state: 'blackhole' },
        { to_v6: '::/0', target: 'eigw-1', state: 'active' },
      ],
    };
    const { context } = stubContext({
      lists: { 'describe-vpcs': [vpc], 'describe-route-tables': [table] },
    });
    const found = await collect(vpcScanner.scan(context));
    const routes = found.find(({ resource_type }) => resource_type === 'ec2:route-table');
    expect(routes?.attributes).toMatchObject({
      is_main: true,
      subnet_ids: ['subnet-1'],
      routes: [
        '0.0.0.0/0 via igw-1',
        '10.0.0.0/16 via local',
        '10.9.0.0/16 via pcx-1 (blackhole)',
        '::/0 via eigw-1',
      ],
    });
    expect(routes?.relations).toEqual(
      expect.arrayContaining([
        { type: 'routes_to', resource_type: 'ec2:internet-gateway', id: 'igw-1' },
        { type: 'routes_to', target: 'eigw-1' },
      ]),
    );
    expect(routes?.relations).not.toContainEqual(expect.objectContaining({ id: 'local' }));
  });
});
