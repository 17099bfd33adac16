import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EstateSummary, type FakeAws, startFakeAws } from '../../src/index.ts';
import { awsJson } from '../aws-cli.ts';
import { listing, listingOf, types } from '../listing.ts';

const regions = ['eu-west-1', 'us-east-1'];
const options = { resources: 150, regions, seed: 5 };

let aws: FakeAws;
let summary: EstateSummary;
beforeAll(async () => {
  aws = await startFakeAws();
  summary = await aws.seedEstate(options);
});
afterAll(() => aws.close());

describe('seedEstate', () => {
  it('makes exactly what it says, as the API lists it', async () => {
    expect(summary.total).toBe(150);
    for (const region of regions) {
      expect(await listing(aws, region)).toEqual(summary.byRegion[region]);
    }
  });

  it('is what the AWS CLI lists', async () => {
    const count = (...args: string[]) => awsJson(aws, ...args, '--region', 'us-east-1');
    const there = summary.byRegion['us-east-1'] ?? {};
    expect(
      await count('ec2', 'describe-instances', '--query', 'length(Reservations[].Instances[])'),
    ).toBe(there['ec2:instance']);
    expect(await count('rds', 'describe-db-instances', '--query', 'length(DBInstances)')).toBe(
      there['rds:db'],
    );
    expect(await count('lambda', 'list-functions', '--query', 'length(Functions)')).toBe(
      there['lambda:function'],
    );
  });

  it('has web servers of staging in one region, running, idle ones and others', async () => {
    const tag = (name: string) => `Tags[?Key=='${name}'] | [0].Value`;
    const query = `Reservations[].Instances[].{name: ${tag('Name')}, idle: ${tag('Idle')}, role: ${tag('Role')}, environment: ${tag('Environment')}, state: State.Name}`;
    const servers = await awsJson(aws, 'ec2', 'describe-instances', '--query', query);
    const web = { environment: 'staging', role: 'web', state: 'running' };
    expect(servers).toEqual(
      expect.arrayContaining([
        { ...web, name: 'catalog-web-staging-01', idle: 'true' },
        { ...web, name: 'catalog-web-staging-02', idle: 'true' },
        { ...web, name: 'search-web-staging-01', idle: 'true' },
        { ...web, name: 'checkout-web-staging-01', idle: null },
      ]),
    );
  });

  it('has a production database of checkout, with members, in its VPC', async () => {
    const query = 'DBClusters[].[DBClusterIdentifier, DBClusterMembers[].DBInstanceIdentifier]';
    expect(await awsJson(aws, 'rds', 'describe-db-clusters', '--query', query)).toContainEqual([
      'checkout-prod',
      ['checkout-prod-1', 'checkout-prod-2'],
    ]);
  });

  it('lists buckets with their regions where a parameter is given, page by page', async () => {
    const names = '--query=Buckets[].[Name,BucketRegion]';
    const plain = await awsJson(aws, 's3api', 'list-buckets', '--no-paginate', names);
    expect(plain).toContainEqual([expect.stringContaining('us-east-1'), null]);
    aws.resetCounts();
    const paged = await awsJson(aws, 's3api', 'list-buckets', '--page-size', '3', names);
    const total = summary.byType['s3:bucket'] ?? 0;
    expect(paged).toHaveLength(total);
    expect(paged).toContainEqual([expect.stringContaining('us-east-1'), 'us-east-1']);
    expect(paged).toContainEqual([expect.stringContaining('eu-west-1'), 'eu-west-1']);
    expect(aws.counts()).toEqual({ 's3:ListBuckets': Math.ceil(total / 3) });
    const here = await awsJson(aws, 's3api', 'list-buckets', '--bucket-region', 'us-east-1', names);
    expect(here).toHaveLength(summary.byRegion['us-east-1']?.['s3:bucket'] ?? 0);
  });

  it('lists the regions of the account, and with their opt-in status all of them', async () => {
    const names = '--query=Regions[].[RegionName,OptInStatus]';
    const enabled = await awsJson(aws, 'ec2', 'describe-regions', names);
    expect(enabled).toContainEqual(['eu-west-1', 'opt-in-not-required']);
    expect(enabled).not.toContainEqual([expect.stringMatching(/^(cn|us-gov)-/), expect.anything()]);
    expect(enabled).not.toContainEqual([expect.anything(), 'not-opted-in']);
    const all = await awsJson(aws, 'ec2', 'describe-regions', '--all-regions', names);
    expect(all).toContainEqual(['ap-east-1', 'not-opted-in']);
  });

  it('makes the same estate from the same seed, ids included, and another from another', async () => {
    const estateOf = async (seed: number) => {
      await using other = await startFakeAws();
      await other.seedEstate({ ...options, seed });
      const lists = await Promise.all(types.map((type) => listingOf(other, type, 'eu-west-1')));
      return lists.flat().join('\n');
    };
    const first = await estateOf(5);
    expect(first.length).toBeGreaterThan(1000);
    expect(await estateOf(5)).toBe(first);
    expect(await estateOf(6)).not.toBe(first);
  });

  it('refuses an estate that already exists', async () => {
    await expect(aws.seedEstate(options)).rejects.toMatchObject({ code: 'SEED_FAILED' });
  });
});
