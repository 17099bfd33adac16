import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DemoReport } from '../../src/report.ts';
import { processesWith, startDemo, type DemoRun } from '../processes.ts';

/** A demo of this size takes 20 s on an idle machine; this only tells slow from hung. */
const TIMEOUT_MS = 300_000;
const SMALL = ['--resources', '60', '--regions', 'eu-west-1'];

/** The demo's temporary folders are made here, so that what it leaves behind is seen. */
let folder: string;
/** Stands in the environment of everything that a demo starts. */
let mark: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-demo-test-'));
  mark = randomUUID();
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const env = () => ({ TMPDIR: folder, AWS_EXECUTION_ENV: mark, DEMO_TEST_MARK: mark });

/** A demo that gets one SIGINT as soon as its output matches. */
function interruptedAt(moment: RegExp, environment: Record<string, string>): Promise<DemoRun> {
  let isStopped = false;
  return startDemo(SMALL, environment, (text, kill) => {
    if (isStopped || !moment.test(text)) return;
    isStopped = true;
    kill('SIGINT');
  });
}

describe('the demo as a program', () => {
  it(
    'goes the whole way and reports in JSON, undisturbed by another one that is ended by Ctrl-C while it runs its playbook',
    { timeout: TIMEOUT_MS },
    async () => {
      const other = randomUUID();
      const [whole, interrupted] = await Promise.all([
        startDemo([...SMALL, '--json'], env()),
        interruptedAt(/│ started/, { ...env(), DEMO_TEST_MARK: other }),
      ]);
      expect(whole.stderr).toBe('');
      expect(whole.code).toBe(0);
      const report: DemoReport = JSON.parse(whole.stdout);
      expect(report).toMatchObject({
        ok: true,
        mode: 'fake',
        problems: [],
        account_id: '123456789012',
        messages_stored: 3,
      });
      // Every instance has a disk besides.
      const { by_region, by_type, seeded, total } = report.resources;
      expect(by_type).toMatchObject(seeded ?? {});
      expect(by_type['ec2:volume']).toBe(by_type['ec2:instance']);
      expect(by_region).toEqual({ 'eu-west-1': total });
      expect(report.searches).toHaveLength(3);
      expect(report.searches[0]?.results[0]).toMatchObject({ region: 'eu-west-1' });
      expect(report.playbook).toMatchObject({ status: 'completed', risk: 'destructive' });
      expect(report.playbook.changed.map(({ name }) => name).sort()).toEqual([
        'catalog-web-staging-01',
        'catalog-web-staging-02',
        'search-web-staging-01',
        'search-web-staging-02',
      ]);
      expect(report.iam_calls).toBeGreaterThan(0);
      expect(report.cli_calls).toBeGreaterThan(10);
      expect(report.phases_ms['total']).toBeGreaterThan(report.phases_ms['scan'] ?? Infinity);

      expect(interrupted.code).toBe(130);
      expect(interrupted.stderr).toContain('Stopping …');
      expect(interrupted.stdout).not.toContain('Summary');
      expect(await processesWith(mark)).toEqual([]);
      expect(await processesWith(other)).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it(
    'ends on Ctrl-C while scanning, and leaves neither processes nor files behind',
    { timeout: TIMEOUT_MS },
    async () => {
      const { code, stdout } = await interruptedAt(/eu-west-1 ec2/, env());
      expect(code).toBe(130);
      expect(stdout).not.toContain('Search');
      expect(await processesWith(mark)).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it.each([
    [['--resources', 'many'], 'give a whole number'],
    [['--resources', '3'], 'Choose other --resources or --regions.'],
    [['--no-such-option'], 'usage: demo'],
  ])('refuses %j with 2 and says what to do', async (args, message) => {
    const { code, stderr } = await startDemo(args, env());
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
