import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EstateScannerOptions } from '../../src/options.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { awsCall, type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { MemoryStore } from '../support/memory-store.ts';

const regions = ['eu-west-1', 'us-east-1'];
let estate: FakeEstate;
let folder: string;

beforeAll(async () => {
  estate = await startFakeEstate();
  folder = await mkdtemp(join(tmpdir(), 'estate-resilience-'));
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
