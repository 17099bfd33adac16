import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EstateScannerOptions } from '../../src/options.ts';
import type { ScanReport } from '../../src/report.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { awsCall, type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { MemoryStore } from '../support/memory-store.ts';

const regions = ['eu-west-1', 'us-east-1'];
let estate: FakeEstate;
let folder: string;

beforeAll(async () => {
  estate = await startFakeEstate();
  folder = await mkdtemp(join(tmpdir(), 'estate-resilience-'));
  const queue = (QueueName: string) =>
    awsCall(estate.engine, 'eu-west-1', 'ec2', 'create-key-pair', { KeyName: QueueName });
  await Promise.all(['a', 'b', 'c'].map(queue));
}, 60_000);
afterEach(() => {
  estate.aws.faults.clear();
});
afterAll(async () => {
  await estate[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function scannerWith(options: Partial<EstateScannerOptions> = {}) {
  const store = new MemoryStore();
  const retry = { initialDelayMs: 10, maxDelayMs: 50, maxAttempts: 4 };
  const scanner = new EstateScanner({
    engine: estate.engine,
    store,
    iam: false,
    retry,
    ...options,
  });
  return { store, scanner };
}

/** `status code` of each scope, by service. */
function statusesOf({ scopes }: ScanReport): Record<string, string> {
  return Object.fromEntries(
    scopes.map(({ service, status, code }) => [service, `${status} ${code ?? ''}`.trim()]),
  );
}

describe('a region that hangs', () => {
  it('is unavailable after its time, and the others are whole', async () => {
    estate.aws.faults.add({
      kind: 'latency',
      latencyMs: 120_000,
      service: 'lambda',
      region: 'us-east-1',
    });
    const { scanner } = scannerWith({ callTimeoutMs: 15_000, retry: { maxAttempts: 1 } });
    const report = await scanner.scan({ regions, services: ['lambda'] });
    const ends = report.scopes.map(
      ({ region, status, code }) => `${region} ${status} ${code ?? ''}`,
    );
    expect(ends.sort()).toEqual(['eu-west-1 complete ', 'us-east-1 unavailable CallTimeout']);
    expect(await estate.engine.list({ status: 'running' })).toEqual([]);
  }, 90_000);
});

describe('a page for people instead of an answer', () => {
  it.each(['lambda', 'rds', 'vpc'])(
    'is asked for again, and then a failure, never an empty list (%s)',
    async (name) => {
      const service = name === 'vpc' ? 'ec2' : name;
      const fault = estate.aws.faults.add({ kind: 'html', service });
      const { scanner } = scannerWith({ retry: { maxAttempts: 2, initialDelayMs: 1 } });
      const report = await scanner.scan({ regions: ['eu-west-1'], services: [name] });
      expect(report.scopes).toMatchObject([{ status: 'failed', resources: 0 }]);
      expect(report.errors[0]).toMatchObject({ kind: 'server' });
      expect(report.errors[0]?.message.length).toBeLessThan(600);
      fault.remove();
      estate.aws.faults.add({ kind: 'html', service, times: 1, status: 502 });
      const again = await scanner.scan({ regions: ['eu-west-1'], services: [name] });
      expect(again).toMatchObject({ status: 'complete', errors: [] });
    },
    60_000,
  );
});

describe('something on the way that answers in a form the CLI can read', () => {
  const quick = { retry: { maxAttempts: 2, initialDelayMs: 1 } };

  it.each(['xhtml', 'json'] as const)(
    'makes a scope fail, wherever it answers, and marks nothing missing (%s)',
    async (form) => {
      const { scanner, store } = scannerWith(quick);
      const options = { regions: ['eu-west-1'], services: ['ec2', 'vpc', 'lambda', 'rds', 's3'] };
      expect(await scanner.scan(options)).toMatchObject({ status: 'complete', errors: [] });
      const known = store.records.size;
      const places = ['DescribeVpcs', 'DescribeKeyPairs', 'DescribeDBInstances', 'ListFunctions'];
      for (const operation of [...places, 'ListBuckets']) {
        estate.aws.faults.add({ kind: 'html', form, operation });
      }
      const report = await scanner.scan(options);
      for (const status of Object.values(statusesOf(report))) {
        expect(status).toMatch(/^(partial|failed) (ResponseInvalid|TruncatedResponse|500)$/u);
      }
      expect(report.counts.missing).toBe(0);
      expect(store.records.size).toBe(known);
      expect(report.errors.every(({ message }) => message.length > 20)).toBe(true);
    },
    60_000,
  );

  it('once, is asked again: what is there is found', async () => {
    estate.aws.faults.add({ kind: 'html', form: 'xhtml', operation: 'DescribeKeyPairs', times: 1 });
    const { scanner, store } = scannerWith(quick);
    const report = await scanner.scan({ regions: ['eu-west-1'], services: ['ec2'] });
    expect(report).toMatchObject({ status: 'complete', errors: [], retries: 1 });
    expect(store.ofType('ec2:key-pair')).toHaveLength(3);
  });

  it('on the second page, does not end a list early', async () => {
    estate.aws.faults.add({ kind: 'html', form: 'xhtml', operation: 'DescribeSubnets', after: 1 });
    const { scanner } = scannerWith({ ...quick, itemsPerCall: 1 });
    const report = await scanner.scan({ regions: ['eu-west-1'], services: ['vpc'] });
    expect(statusesOf(report)).toEqual({ vpc: 'partial ResponseInvalid' });
  });

  it('for the list of regions or for the caller, says so', async () => {
    estate.aws.faults.add({ kind: 'html', form: 'xhtml', operation: 'DescribeRegions' });
    const regions = await scannerWith(quick).scanner.scan({ services: ['lambda'] });
    expect(regions.status).toBe('partial');
    expect(regions.errors[0]).toMatchObject({ level: 'error', code: 'ResponseInvalid' });
    estate.aws.faults.add({ kind: 'html', form: 'xhtml', operation: 'GetCallerIdentity' });
    const caller = await scannerWith(quick).scanner.scan({ services: ['lambda'] });
    expect(caller.status).toBe('failed');
    expect(caller.errors[0]).toMatchObject({ code: 'ResponseInvalid', kind: 'server' });
    expect(caller.errors[0]?.message).toContain('proxy');
  });
});

describe('an image that nothing runs from', () => {
  it("is found where it is the account's own, and its region costs no further call", async () => {
    const call = (operation: string, parameters: object, query?: string) =>
      awsCall(estate.engine, 'us-east-1', 'ec2', operation, parameters, query);
    const run = { ImageId: 'ami-12c6146b', MinCount: 1, MaxCount: 1 };
    const instance = await call('run-instances', run, 'Instances[0].InstanceId');
    const made = { InstanceId: instance, Name: 'golden-2026' };
    const image = await call('create-image', made, 'ImageId');
    await call('terminate-instances', { InstanceIds: [instance] });
    const { scanner, store } = scannerWith();
    estate.aws.resetCounts();
    const report = await scanner.scan({ regions: ['us-east-1'], services: ['ec2'] });
    expect(report).toMatchObject({ status: 'complete', errors: [] });
    expect(store.ofType('ec2:image')).toContainEqual(
      expect.objectContaining({ resource_id: `ec2:image/${String(image)}`, name: 'golden-2026' }),
    );
    expect(estate.aws.counts()['ec2:DescribeImages']).toBeLessThanOrEqual(2);
    const refreshed = await scanner.refresh([`123456789012-us-east-1-ec2:image/${String(image)}`]);
    expect(refreshed).toMatchObject({ missing_keys: [], counts: { discovered: 1 } });
  });
});

describe('half an answer, then an error of the server', () => {
  it('is one retry each, and a complete scan', async () => {
    estate.aws.faults.add({ kind: 'truncate', service: 'lambda', times: 1 });
    estate.aws.faults.add({ kind: 'server_error', service: 'lambda', times: 1 });
    const report = await scannerWith().scanner.scan({
      regions: ['eu-west-1'],
      services: ['lambda'],
    });
    expect(report).toMatchObject({ status: 'complete', errors: [], retries: 2 });
  });
});

describe('an abort in each phase', () => {
  it.each(['scan_started', 'scope_started', 'scope_completed', 'resource', 'progress'])(
    'at %s rejects with what was done, and nothing runs on',
    async (type) => {
      const stop = new AbortController();
      const { scanner } = scannerWith({ batchSize: 1 });
      const scanning = scanner.scan({
        regions: ['eu-west-1'],
        services: ['vpc', 'lambda'],
        signal: stop.signal,
        onEvent: (event) => {
          if (event.type === type) stop.abort();
        },
      });
      await expect(scanning).rejects.toMatchObject({
        code: 'ABORTED',
        details: { report: { aws_calls: expect.any(Number) } },
      });
      expect(await estate.engine.list({ status: 'running' })).toEqual([]);
      expect(await estate.engine.list({ status: 'queued' })).toEqual([]);
    },
  );
});

describe('other partitions', () => {
  it('are recognized by their regions, and asked for the caller there', async () => {
    estate.aws.resetCounts();
    const { scanner, store } = scannerWith();
    const report = await scanner.scan({ regions: ['cn-north-1'], services: ['vpc'] });
    expect(report).toMatchObject({ status: 'complete', errors: [] });
    expect(report.user_context?.caller_arn).toMatch(/^arn:aws-cn:/u);
    expect(Object.keys(estate.aws.countsByRegion())).toEqual(['cn-north-1']);
    const arns = [...store.records.values()].map(({ arn }) => arn);
    expect(arns.length).toBeGreaterThan(0);
    // Some ARNs moto makes itself, in the wrong partition.
    const own = arns.filter((arn) => arn?.includes(':vpc/'));
    for (const arn of own) expect(arn).toMatch(/^arn:aws-cn:ec2:cn-north-1:/u);
  });

  it('have credentials of their own: a region of another is an error, not an empty place', async () => {
    const { scanner } = scannerWith();
    const report = await scanner.scan({
      regions: ['eu-west-1', 'us-gov-west-1'],
      services: ['lambda'],
    });
    expect(report.status).toBe('partial');
    expect(report.scopes.map(({ region }) => region)).toEqual(['eu-west-1']);
    expect(report.errors).toMatchObject([{ code: 'OTHER_PARTITION', region: 'us-gov-west-1' }]);
  });

  it('are tried one after the other where no region is configured at all', async () => {
    estate.aws.faults.add({ kind: 'region_disabled', region: 'us-east-1' });
    const { AWS_REGION: _region, AWS_DEFAULT_REGION: _default, ...env } = estate.aws.env;
    const engine = new ExecutionEngine({
      logDir: join(folder, 'logs'),
      awsCli: { binary: estate.aws.awsBinary, endpointUrl: estate.aws.endpointUrl, env },
    });
    try {
      const report = await scannerWith({ engine }).scanner.scan({ services: ['s3'] });
      expect(report.user_context?.caller_arn).toMatch(/^arn:aws-cn:/u);
      expect(report).toMatchObject({ status: 'complete', errors: [] });
    } finally {
      await engine.close({ mode: 'kill' });
    }
  });

  it('that no pattern matches are said, not passed over', async () => {
    const report = await scannerWith().scanner.scan({ regions: ['mars-*'], services: ['lambda'] });
    expect(report).toMatchObject({ status: 'failed', errors: [{ code: 'NO_REGION' }] });
  });
});

describe('a profile', () => {
  const config = `
[profile base]
aws_access_key_id = AKIAEXAMPLEEXAMPLE00
aws_secret_access_key = secret
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Admin
[profile broken]
credential_process = /bin/false
`;
  it.each([
    ['mfa', 'MfaRequired', 'get-session-token'],
    ['sso', 'CredentialSource', 'aws sso login'],
    ['broken', 'CredentialSource', 'custom-process'],
  ])(
    '%s is refused with what to do (%s), and asks nobody for anything',
    async (profile, code, hint) => {
      const path = join(folder, 'config');
      await writeFile(path, config);
      const engine = new ExecutionEngine({
        logDir: join(folder, 'logs'),
        awsCli: {
          binary: estate.aws.awsBinary,
          endpointUrl: estate.aws.endpointUrl,
          env: {
            AWS_CONFIG_FILE: path,
            AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
            AWS_REGION: 'eu-west-1',
          },
        },
      });
      try {
        const { scanner } = scannerWith({ engine });
        const report = await scanner.scan({ accounts: [{ profile }], regions });
        expect(report).toMatchObject({ status: 'failed', aws_calls: 1 });
        expect(report.errors).toMatchObject([{ code, message: expect.stringContaining(hint) }]);
      } finally {
        await engine.close({ mode: 'kill' });
      }
    },
  );
});
