import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EstateScannerOptions } from '../../src/options.ts';
import type { ScanReport } from '../../src/report.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { awsCall, type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { MemoryStore } from '../support/memory-store.ts';

let estate: FakeEstate;

beforeAll(async () => {
  estate = await startFakeEstate();
  const keyPair = (KeyName: string) =>
    awsCall(estate.engine, 'eu-west-1', 'ec2', 'create-key-pair', { KeyName });
  await Promise.all(['a', 'b', 'c'].map(keyPair));
}, 60_000);
afterEach(() => {
  estate.aws.faults.clear();
});
afterAll(async () => {
  await estate[Symbol.asyncDispose]();
});

function scannerWith(options: Partial<EstateScannerOptions>) {
  const store = new MemoryStore();
  const scanner = new EstateScanner({ engine: estate.engine, store, iam: false, ...options });
  return { store, scanner };
}

/** `status code` of each scope, by service. */
function statusesOf({ scopes }: ScanReport): Record<string, string> {
  return Object.fromEntries(
    scopes.map(({ service, status, code }) => [service, `${status} ${code ?? ''}`.trim()]),
  );
}

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
