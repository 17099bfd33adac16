import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScanJob, ScanPlan } from '../../src/jobs/job.ts';
import { mergeReports } from '../../src/jobs/merge-reports.ts';
import { ScanReport } from '../../src/report.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { production } from '../support/many-accounts.ts';
import { MemoryStore } from '../support/memory-store.ts';

const program = fileURLToPath(new URL('../programs/run-job.ts', import.meta.url));
const selection = {
  regions: ['eu-west-*', '!eu-west-3', '!eu-west-2'],
  services: ['s3', 'lambda'],
};
let estate: FakeEstate;
let plan: ScanPlan;
let reports: ScanReport[];

beforeAll(async () => {
  estate = await startFakeEstate();
  await estate.aws.seedEstate({ resources: 30, regions: ['eu-west-1'] });
  plan = await scannerWith().planScan(selection);
  reports = [];
  for (const job of plan.jobs) reports.push(await elsewhere(job));
}, 120_000);
afterAll(() => estate[Symbol.asyncDispose]());

const scannerWith = (store?: MemoryStore) =>
  new EstateScanner({ engine: estate.engine, iam: false, ...(store && { store }) });

/** Runs a job in a process of its own, which gets nothing but its JSON. */
async function elsewhere(job: ScanJob): Promise<ScanReport> {
  const child = spawn(
    process.execPath,
    ['--conditions=cloudops-source', program, estate.aws.awsBinary, estate.logDir],
    { env: { ...process.env, ...estate.aws.env }, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  child.stdin.end(JSON.stringify(job));
  return ScanReport.parse(JSON.parse(await text(child.stdout)));
}

describe('a scan in jobs', () => {
  it('is planned as plain JSON, a job for each scope, without credentials', () => {
    expect(plan.jobs.map(({ scope }) => `${scope.region} ${scope.service}`)).toEqual([
      'global s3',
      'eu-west-1 lambda',
    ]);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(new Set(plan.jobs.map(({ job_id }) => job_id)).size).toBe(2);
    const written = JSON.stringify(plan);
    for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID']) {
      expect(written).not.toContain(estate.aws.env[name]);
    }
    expect(plan).toMatchObject({ errors: [], accounts: [], aws_calls: 3 });
  });

  it('run in other processes, comes to what one scan finds', async () => {
    const whole = await scannerWith().scan(selection);
    const merged = mergeReports(reports.toReversed(), { plan });
    expect(ScanReport.parse(merged)).toEqual(merged);
    expect(merged).toMatchObject({ scan_id: plan.scan_id, status: 'complete', errors: [] });
    expect(merged.counts).toEqual(whole.counts);
    expect(merged.scopes.map(({ service, resources }) => `${service} ${resources}`).sort()).toEqual(
      whole.scopes.map(({ service, resources }) => `${service} ${resources}`).sort(),
    );
    expect(merged.accounts).toMatchObject([{ account_id: '123456789012', status: 'complete' }]);
    // Each job asks who the caller is, and reads the tags of a region that one scan reads once for buckets and functions.
    expect(merged.aws_calls).toBe(whole.aws_calls + plan.jobs.length + 1);
  });

  it('counts a job once that was run twice, and misses one that was not run', () => {
    const [buckets, functions] = reports;
    if (!buckets || !functions) throw new Error('two jobs');
    const failed: ScanReport = {
      ...buckets,
      status: 'failed',
      scopes: buckets.scopes.map((scope) => ({ ...scope, status: 'failed', resources: 0 })),
      counts: { ...buckets.counts, discovered: 0 },
      completed_at: new Date(0).toISOString(),
    };
    const twice = mergeReports([failed, buckets, buckets, functions], { plan });
    expect(twice.status).toBe('complete');
    expect(twice.counts).toEqual(mergeReports(reports).counts);
    expect(twice.scopes).toHaveLength(2);
    const missing = mergeReports([functions], { plan });
    expect(missing.status).toBe('partial');
    expect(missing.scopes).toContainEqual(
      expect.objectContaining({ service: 's3', status: 'failed', code: 'NOT_RUN' }),
    );
    expect(mergeReports([], { plan }).status).toBe('failed');
    const other = { ...functions, scan_id: 'another' };
    expect(() => mergeReports([buckets, other])).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
    expect(() => mergeReports([])).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });

  it('marks what is gone, job by job, and does no harm when one comes again', async () => {
    const store = new MemoryStore();
    const scanner = scannerWith(store);
    const again = async () => {
      const { jobs } = await scanner.planScan(selection);
      const [buckets] = jobs;
      if (!buckets) throw new Error('a job for buckets');
      await scanner.scanScope(buckets);
      return scanner.scanScope(buckets);
    };
    await again();
    const [bucket] = store.ofType('s3:bucket');
    if (!bucket) throw new Error('a bucket');
    const ghost = { ...bucket, key: `${bucket.key}-ghost`, scan_id: 'before' };
    store.records.set(ghost.key, ghost);
    expect((await again()).counts.missing).toBe(0);
    expect([...store.missing.keys()]).toEqual([ghost.key]);
  });

  it('is not run by who has credentials of another account, nor when it is no job', async () => {
    const [job] = plan.jobs;
    if (!job) throw new Error('a job');
    const scope = { ...job.scope, account_id: production };
    const account = { ...job.account, account_id: production };
    const report = await scannerWith().scanScope({ ...job, scope, account });
    expect(report).toMatchObject({
      status: 'failed',
      scopes: [],
      errors: [{ code: 'ACCOUNT_MISMATCH' }],
    });
    expect(mergeReports([report]).status).toBe('failed');
    const newer: ScanJob = JSON.parse(JSON.stringify({ ...job, schema: 'scan-job/v2' }));
    for (const wrong of [newer, { ...job, scope }]) {
      await expect(scannerWith().scanScope(wrong)).rejects.toMatchObject({ code: 'INVALID_JOB' });
    }
    const unknown = { ...job, scope: { ...job.scope, service: 'nothing' } };
    await expect(scannerWith().scanScope(unknown)).rejects.toMatchObject({
      code: 'UNKNOWN_SERVICE',
    });
  });
});
