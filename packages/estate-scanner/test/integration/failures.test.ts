import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EstateScanner } from '../../src/scanner.ts';
import type { EstateScannerOptions } from '../../src/options.ts';
import type { ScanReport } from '../../src/report.ts';
import { type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { MemoryStore } from '../support/memory-store.ts';

const regions = ['ap-southeast-2', 'eu-west-1', 'us-east-1'];
let estate: FakeEstate;
let instances: Record<string, number>;

beforeAll(async () => {
  estate = await startFakeEstate();
  const summary = await estate.aws.seedEstate({ resources: 72, regions });
  instances = Object.fromEntries(
    regions.map((region) => [region, summary.byRegion[region]?.['ec2:instance'] ?? 0]),
  );
});
afterEach(() => {
  estate.aws.faults.clear();
});
afterAll(async () => {
  await estate[Symbol.asyncDispose]();
});

function scannerWith(options: Partial<EstateScannerOptions> = {}) {
  const store = new MemoryStore();
  const scanner = new EstateScanner({
    engine: estate.engine,
    store,
    iam: false,
    retry: { initialDelayMs: 10, maxDelayMs: 50 },
    ...options,
  });
  return { store, scanner };
}

/** `region service: status code` of each scope, in order. */
function statuses(report: ScanReport): string[] {
  return report.scopes
    .map(({ region, service, status, code }) =>
      `${region} ${service}: ${status} ${code ?? ''}`.trim(),
    )
    .sort();
}

describe('one of three regions fails', () => {
  it('keeps the others, and says which scope is not complete', async () => {
    estate.aws.faults.add({ kind: 'deny', service: 'ec2', region: 'eu-west-1' });
    const { scanner, store } = scannerWith();
    const report = await scanner.scan({ regions, services: ['ec2'] });
    expect(statuses(report)).toEqual([
      'ap-southeast-2 ec2: complete',
      'eu-west-1 ec2: denied UnauthorizedOperation',
      'us-east-1 ec2: complete',
    ]);
    expect(report.status).toBe('partial');
    // Instances, volumes, key pairs, images: each has a permission of its own.
    const refused = { level: 'error', kind: 'denied', region: 'eu-west-1', service: 'ec2' };
    expect(report.errors).toEqual(
      Array.from({ length: 4 }, () => expect.objectContaining(refused)),
    );
    expect(store.ofType('ec2:instance')).toHaveLength(
      Number(instances['ap-southeast-2']) + Number(instances['us-east-1']),
    );
    expect(report.retries).toBe(0);
  });

  it('marks what an organization forbids', async () => {
    const message = 'You are not authorized: explicit deny in a service control policy';
    estate.aws.faults.add({ kind: 'deny', service: 'ec2', message });
    const report = await scannerWith().scanner.scan({ regions: ['eu-west-1'], services: ['ec2'] });
    expect(report.errors[0]).toMatchObject({ kind: 'denied', scp: true });
    expect(report.status).toBe('failed');
  });

  it('keeps the lists that work when one of several is denied', async () => {
    estate.aws.faults.add({ kind: 'deny', operation: 'DescribeDBClusters' });
    const { scanner, store } = scannerWith();
    const report = await scanner.scan({ regions: ['eu-west-1'], services: ['rds'] });
    expect(statuses(report)).toEqual(['eu-west-1 rds: partial AccessDenied']);
    expect(store.records.size).toBeGreaterThan(0);
  });
});

describe('scans after each other', () => {
  it('touch nothing outside of their scopes', async () => {
    const { scanner, store } = scannerWith();
    await scanner.scan({ regions: ['eu-west-1'], services: ['ec2'] });
    const before = new Map(store.records);
    store.upserts.length = 0;
    await scanner.scan({ regions: ['us-east-1'], services: ['ec2'] });
    const touched = store.upserts.flat().map(({ record }) => record.region);
    expect(new Set(touched)).toEqual(new Set(['us-east-1']));
    for (const [key, record] of before) expect(store.records.get(key)).toBe(record);
  });
});

describe('buckets, one denied by its policy', () => {
  it('are all there, that one with an unknown field and one warning', async () => {
    estate.aws.faults.add({ kind: 'deny', operation: 'GetBucketVersioning', times: 1 });
    const { scanner, store } = scannerWith();
    const report = await scanner.scan({ regions, services: ['s3'] });
    const versioning = [...store.records.values()].map(
      ({ attributes }) => attributes['versioning'],
    );
    expect(versioning.filter((value) => value === null)).toHaveLength(1);
    expect(versioning).toHaveLength(3);
    expect(report.errors).toEqual([
      expect.objectContaining({
        level: 'warning',
        kind: 'denied',
        message: expect.stringContaining('versioning'),
      }),
    ]);
    expect(report.status).toBe('complete');
  });

  it('have unknown tags, not none, where tags are denied', async () => {
    estate.aws.faults.add({ kind: 'deny', service: 'tagging' });
    const { scanner, store } = scannerWith();
    const report = await scanner.scan({ regions: ['eu-west-1'], services: ['s3', 'lambda'] });
    expect(new Set([...store.records.values()].map(({ tags }) => tags))).toEqual(new Set([null]));
    // Buckets and functions share the one call, and its one warning.
    expect(report.errors).toEqual([expect.objectContaining({ level: 'warning', kind: 'denied' })]);
  });
});

describe('a region that cannot be scanned', () => {
  it('is skipped when it is not enabled, and the account goes on', async () => {
    estate.aws.faults.add({ kind: 'region_disabled', region: 'us-east-1' });
    const { scanner, store } = scannerWith();
    const report = await scanner.scan({
      regions: ['eu-west-1', 'us-east-1'],
      services: ['ec2', 'rds'],
    });
    expect(statuses(report)).toEqual([
      'eu-west-1 ec2: complete',
      'eu-west-1 rds: complete',
      expect.stringMatching(/^us-east-1 ec2: skipped AuthFailure$/u),
      expect.stringMatching(/^us-east-1 rds: skipped /u),
    ]);
    expect(report.status).toBe('complete');
    expect(report.errors.every(({ level }) => level === 'warning')).toBe(true);
    expect(store.records.size).toBeGreaterThan(0);
  });

  it('is unavailable, not empty, when its endpoint does not answer', async () => {
    estate.aws.faults.add({ kind: 'reset', service: 'ec2', region: 'us-east-1' });
    const report = await scannerWith().scanner.scan({
      regions: ['eu-west-1', 'us-east-1'],
      services: ['ec2'],
    });
    expect(statuses(report)).toEqual([
      'eu-west-1 ec2: complete',
      expect.stringMatching(/^us-east-1 ec2: unavailable /u),
    ]);
    expect(report).toMatchObject({ status: 'partial', retries: 1 });
  });
});

describe('credentials that expire on page 3', () => {
  it('leave what was read, without doubles, and a report that says partial', async () => {
    // Six subnets are three pages; one VPC and one gateway come before them.
    estate.aws.faults.add({ kind: 'expire_credentials', operation: 'DescribeSubnets', after: 2 });
    const { scanner, store } = scannerWith({ itemsPerCall: 2, batchSize: 1 });
    const report = await scanner.scan({ regions: ['us-east-1'], services: ['vpc'] });
    expect(statuses(report)).toEqual([
      expect.stringMatching(/vpc: partial (RequestExpired|ExpiredToken)/u),
    ]);
    expect(report.scopes[0]?.resources).toBe(6);
    const stored = store.upserts.flat().map(({ record }) => record.key);
    expect(new Set(stored).size).toBe(stored.length);
    expect(report.status).toBe('partial');
    expect(report.accounts[0]?.status).toBe('partial');
    expect(report.errors.filter(({ kind }) => kind === 'expired')).toHaveLength(1);
  });

  it('abort an account that has not begun, with what happened', async () => {
    estate.aws.faults.add({ kind: 'expire_credentials' });
    const report = await scannerWith().scanner.scan({ regions: ['eu-west-1'] });
    expect(report).toMatchObject({
      status: 'failed',
      scopes: [],
      accounts: [{ account_id: null, status: 'failed', user_context: null }],
      errors: [{ kind: 'expired', account_id: null }],
    });
  });
});

describe('a share of calls fails', () => {
  it('is throttled, and the scan is complete and counts its retries', async () => {
    const fault = estate.aws.faults.add({ kind: 'throttle', share: 0.3 });
    const { scanner, store } = scannerWith();
    const report = await scanner.scan({
      regions: ['eu-west-1', 'us-east-1'],
      services: ['ec2', 'rds', 'lambda'],
    });
    expect(report).toMatchObject({ status: 'complete', errors: [] });
    expect(fault.hits).toBeGreaterThan(0);
    expect(report.retries).toBe(fault.hits);
    expect(store.ofType('ec2:instance')).toHaveLength(
      Number(instances['eu-west-1']) + Number(instances['us-east-1']),
    );
  });

  it('is throttled for good, and the scope fails after its attempts', async () => {
    estate.aws.faults.add({ kind: 'throttle', service: 'ec2' });
    const { scanner } = scannerWith({ retry: { maxAttempts: 3, initialDelayMs: 1 } });
    const report = await scanner.scan({ regions: ['eu-west-1'], services: ['ec2'] });
    expect(statuses(report)).toEqual(['eu-west-1 ec2: failed RequestLimitExceeded']);
    // Four lists, three times each, the caller, and the aliases of the account.
    expect(report).toMatchObject({ status: 'failed', retries: 8, aws_calls: 14 });
  });

  it('is answered by half a body or an error of the server, and asked again', async () => {
    estate.aws.faults.add({ kind: 'truncate', service: 'ec2', times: 1 });
    estate.aws.faults.add({ kind: 'server_error', service: 'ec2', times: 1 });
    const { scanner, store } = scannerWith();
    const report = await scanner.scan({ regions: ['eu-west-1'], services: ['ec2'] });
    expect(report).toMatchObject({ status: 'complete', errors: [], retries: 2 });
    expect(store.ofType('ec2:instance')).toHaveLength(Number(instances['eu-west-1']));
  });
});

describe('regions that may not be listed', () => {
  it('fall back to the configured list, then to the default region', async () => {
    estate.aws.faults.add({ kind: 'deny', operation: 'DescribeRegions' });
    estate.aws.faults.add({ kind: 'deny', operation: 'ListRegions' });
    const { scanner } = scannerWith();
    const listed = await scanner.scan({
      services: ['ec2'],
      regions: ['us-*'],
      fallbackRegions: regions,
    });
    expect(listed.scopes.map(({ region }) => region)).toEqual(['us-east-1']);
    const configured = await scanner.scan({ services: ['ec2'] });
    expect(configured.scopes.map(({ region }) => region)).toEqual(['eu-west-1']);
    expect(configured.errors.map(({ level }) => level)).toEqual(['warning', 'warning']);
    expect(configured.status).toBe('complete');
  });

  it('are asked for and narrowed by globs where they may', async () => {
    const report = await scannerWith().scanner.scan({
      services: ['ec2'],
      regions: ['eu-west-?', '!eu-west-3'],
    });
    expect(report.scopes.map(({ region }) => region).sort()).toEqual(['eu-west-1', 'eu-west-2']);
    expect(report.status).toBe('complete');
  });
});
