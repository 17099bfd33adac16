import { execFile } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startFakeAws, type FakeAws } from 'cloudops-fake-aws';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../src/main.ts');
let aws: FakeAws;

beforeAll(async () => {
  aws = await startFakeAws();
  await aws.seedEstate({ resources: 40, regions: ['eu-west-1'] });
});
afterAll(() => aws.close());

it('reads a region and finds the database in it', { timeout: 300_000 }, async () => {
  const { PATH = '', HOME = '' } = process.env;
  const { stdout, stderr } = await run(
    process.execPath,
    ['--conditions=cloudops-source', program, 'production', 'database', 'for', 'checkout'],
    { env: { ...aws.env, PATH: [dirname(aws.awsBinary), PATH].join(delimiter), HOME } },
  );
  expect(stderr).toBe('');
  const [first, ...found] = stdout.trim().split('\n');
  // The seed counts what it makes; instances bring disks along.
  expect(first).toMatch(/^complete: \d+ resources$/);
  expect(Number(/\d+/.exec(first ?? '')?.[0])).toBeGreaterThan(40);
  expect(found).toHaveLength(5);
  expect(found[0]).toMatch(/^\d\.\d{3} {2}checkout-prod.* {2}rds:(?:db|cluster) {2}eu-west-1$/);
});
