import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScanError } from '../../src/errors.ts';
import type { ScanEvent } from '../../src/events.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { mergeReports } from '../../src/jobs/merge-reports.ts';
import { ScanReport } from '../../src/report.ts';
import { awsCall, type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { MemoryStore } from '../support/memory-store.ts';

const selection = { regions: ['eu-west-1'], services: ['ec2'] };
let estate: FakeEstate;
let folder: string;

beforeAll(async () => {
  estate = await startFakeEstate();
  await estate.aws.seedEstate({ resources: 24, regions: ['eu-west-1'] });
  folder = await mkdtemp(join(tmpdir(), 'estate-accounts-'));
});
afterAll(async () => {
  await estate[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** An engine whose CLI has these variables, and nothing of the developer's own. */
function engineWith(env: Record<string, string>, binary = estate.aws.awsBinary): ExecutionEngine {
  return new ExecutionEngine({
    logDir: join(folder, 'logs'),
    awsCli: { binary, endpointUrl: estate.aws.endpointUrl, env },
  });
}

describe('accounts', () => {
  it('of another id than asked for are not scanned', async () => {
    const scanner = new EstateScanner({ engine: estate.engine, iam: false });
    const report = await scanner.scan({ ...selection, accounts: [{ account_id: '210987654321' }] });
    expect(report).toMatchObject({
      status: 'failed',
      scopes: [],
      aws_calls: 1,
      errors: [{ code: 'ACCOUNT_MISMATCH', account_id: '123456789012' }],
    });
  });

  it('behind two profiles are scanned once', async () => {
    const config = join(folder, 'config');
    const keys = `aws_access_key_id = ${estate.aws.env['AWS_ACCESS_KEY_ID'] ?? ''}\naws_secret_access_key = ${estate.aws.env['AWS_SECRET_ACCESS_KEY'] ?? ''}\nregion = eu-west-1\n`;
    await writeFile(config, `[profile one]\n${keys}[profile two]\n${keys}`);
    const engine = engineWith({
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    });
    try {
      const store = new MemoryStore();
      const scanner = new EstateScanner({ engine, store, iam: false });
      const report = await scanner.scan({
        ...selection,
        accounts: [{ profile: 'one' }, { profile: 'two' }, { profile: 'three' }],
      });
      expect(report.scopes).toHaveLength(1);
      expect(report.status).toBe('partial');
      expect(
        report.accounts.map(({ profile, status }) => `${String(profile)} ${status}`).sort(),
      ).toEqual(['one complete', 'three failed', 'two failed']);
      const codes = report.errors.map(({ code }) => code).sort();
      expect(codes).toEqual(['ACCOUNT_MISMATCH', 'ProfileNotFound']);
      expect(store.upserts.flat()).toHaveLength(store.records.size);
    } finally {
      await engine.close({ mode: 'kill' });
    }
  });

  it('without credentials fail with what to set', async () => {
    const engine = engineWith({
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
    });
    try {
      const report = await new EstateScanner({ engine, iam: false }).scan(selection);
      expect(report.status).toBe('failed');
      expect(report.errors).toEqual([
        expect.objectContaining({
          code: 'NoCredentials',
          kind: 'configuration',
          message: expect.stringContaining('AWS_ACCESS_KEY_ID'),
        }),
      ]);
    } finally {
      await engine.close({ mode: 'kill' });
    }
  });

  it('without any configured region are reached through a default one', async () => {
    const { AWS_REGION: _region, AWS_DEFAULT_REGION: _default, ...env } = estate.aws.env;
    const engine = engineWith(env);
    try {
      const report = await new EstateScanner({ engine, iam: false }).scan({ services: ['s3'] });
      expect(report).toMatchObject({ status: 'complete', errors: [] });
      expect(report.counts.discovered).toBeGreaterThan(0);
    } finally {
      await engine.close({ mode: 'kill' });
    }
  });

  it('are not reached without the CLI, and the error says so', async () => {
    const engine = engineWith(estate.aws.env, join(folder, 'no-such-aws'));
    try {
      const scanning = new EstateScanner({ engine, iam: false }).scan(selection);
      await expect(scanning).rejects.toMatchObject({ code: 'CLI_NOT_FOUND' });
    } finally {
      await engine.close({ mode: 'kill' });
    }
  });
});

describe('the names of an account', () => {
  const asked = 'iam:ListAccountAliases';
  const scan = () => new EstateScanner({ engine: estate.engine, iam: false }).scan(selection);

  it('are asked for once a scan, whatever its scopes, and are in every report of its jobs', async () => {
    await awsCall(estate.engine, 'eu-west-1', 'iam', 'create-account-alias', {
      AccountAlias: 'shop-production',
    });
    estate.aws.resetCounts();
    const scanner = new EstateScanner({ engine: estate.engine, iam: false });
    const wide = { regions: ['eu-west-1', 'eu-west-2'], services: ['ec2', 's3'] };
    const report = await scanner.scan(wide);
    const named = { account_aliases: ['shop-production'] };
    expect(report).toMatchObject({ user_context: named, accounts: [{ user_context: named }] });
    expect(estate.aws.counts()[asked]).toBe(1);
    const plan = await scanner.planScan({ ...selection, services: ['ec2', 'lambda'] });
    const parts = [];
    for (const job of plan.jobs) parts.push(await scanner.scanScope(job));
    expect(mergeReports(parts, { plan }).user_context).toMatchObject(named);
    expect(estate.aws.counts()[asked]).toBe(2);
  });

  it('that IAM does not tell are unknown, not none, and cost a warning', async () => {
    const fault = estate.aws.faults.add({ kind: 'deny', operation: 'ListAccountAliases' });
    const report = await scan();
    fault.remove();
    expect(report).toMatchObject({ status: 'complete', user_context: { account_aliases: null } });
    expect(report.errors).toMatchObject([
      { level: 'warning', code: 'AccessDenied', message: expect.stringContaining('aliases') },
    ]);
  });

  it('are not asked for by a refresh', async () => {
    estate.aws.resetCounts();
    const scanner = new EstateScanner({ engine: estate.engine, iam: false });
    const report = await scanner.refresh([
      '123456789012-eu-west-1-ec2:instance/i-0123456789abcdef0',
    ]);
    expect(report.user_context).toMatchObject({ account_aliases: null });
    expect(estate.aws.counts()[asked]).toBeUndefined();
  });
});

describe('an aborted scan', () => {
  it('rejects, hands over what was done, keeps it stored, and leaves no command running', async () => {
    const store = new MemoryStore();
    const scanner = new EstateScanner({ engine: estate.engine, store, iam: false, batchSize: 1 });
    const stop = new AbortController();
    const scanning = scanner.scan({
      regions: ['eu-west-1'],
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'resource') stop.abort();
      },
    });
    const error: unknown = await scanning.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'ScanError', code: 'ABORTED', retryable: true });
    const report = ScanReport.parse(ScanError.is(error) ? error.details['report'] : null);
    expect(report.aws_calls).toBeGreaterThan(0);
    expect(store.records.size).toBeGreaterThan(0);
    const running = [
      ...(await estate.engine.list({ status: 'running' })),
      ...(await estate.engine.list({ status: 'queued' })),
    ];
    expect(running).toEqual([]);
  });

  it('that was aborted before it began runs nothing', async () => {
    const scanner = new EstateScanner({ engine: estate.engine, iam: false });
    const scanning = scanner.scan({ ...selection, signal: AbortSignal.abort() });
    await expect(scanning).rejects.toMatchObject({
      code: 'ABORTED',
      details: { report: { aws_calls: 0 } },
    });
  });
});

describe('stream', () => {
  it('yields what scan tells, and ends', async () => {
    const scanner = new EstateScanner({ engine: estate.engine, iam: false });
    const types: string[] = [];
    for await (const event of scanner.stream(selection)) types.push(event.type);
    expect(types[0]).toBe('scan_started');
    expect(types.at(-1)).toBe('scan_completed');
    expect(types.filter((type) => type === 'resource').length).toBeGreaterThan(0);
  });

  it('ends the scan when its reader stops', async () => {
    const scanner = new EstateScanner({ engine: estate.engine, iam: false });
    let first: ScanEvent | undefined;
    for await (const event of scanner.stream({ regions: ['eu-west-1'] })) {
      first = event;
      break;
    }
    expect(first?.type).toBe('scan_started');
    expect(await estate.engine.list({ status: 'running' })).toEqual([]);
  });

  it('throws what scan throws', async () => {
    const scanner = new EstateScanner({ engine: estate.engine });
    const reading = (async () => {
      for await (const event of scanner.stream({ services: ['nothing'] })) expect(event).toBeNull();
    })();
    await expect(reading).rejects.toMatchObject({ code: 'UNKNOWN_SERVICE' });
  });
});

describe('an event handler', () => {
  it('that throws or rejects does not harm the scan, and is in the report', async () => {
    const scanner = new EstateScanner({ engine: estate.engine, iam: false });
    let told = 0;
    const report = await scanner.scan({
      ...selection,
      onEvent: () => {
        told += 1;
        throw new Error('handler broke');
      },
    });
    expect(told).toBeGreaterThan(5);
    expect(report.status).toBe('complete');
    expect(report.errors).toEqual([
      expect.objectContaining({
        code: 'HANDLER_FAILED',
        message: expect.stringContaining('handler broke'),
      }),
    ]);
  });
});

describe('two scans at once', () => {
  it('on one scanner do not disturb each other', async () => {
    const store = new MemoryStore();
    const scanner = new EstateScanner({ engine: estate.engine, store, iam: false });
    const [one, two] = await Promise.all([scanner.scan(selection), scanner.scan(selection)]);
    expect(one.scan_id).not.toBe(two.scan_id);
    for (const report of [one, two]) {
      expect(report).toMatchObject({ status: 'complete', errors: [], aws_calls: one.aws_calls });
      expect(report.counts.discovered).toBe(store.records.size);
    }
  });
});
