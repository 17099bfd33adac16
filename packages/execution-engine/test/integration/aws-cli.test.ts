import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeAws, type FakeAws } from 'cloudops-fake-aws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutionEngine, type AwsCliCommand, type ExecutionResult } from '../../src/index.ts';

let folder: string;
let aws: FakeAws;
let engine: ExecutionEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-aws-'));
  aws = await startFakeAws();
  engine = new ExecutionEngine({
    logDir: join(folder, 'logs'),
    awsCli: { binary: aws.awsBinary, endpointUrl: aws.endpointUrl, env: aws.env },
  });
});

afterAll(async () => {
  await engine.close();
  await aws.close();
  await rm(folder, { recursive: true });
});

const call = (command: Omit<AwsCliCommand, 'type'>): Promise<ExecutionResult> =>
  engine.run({ command: { type: 'aws_cli', ...command }, inherit_env: false });

describe('the real AWS CLI', () => {
  it('takes required parameters by the names of the API', async () => {
    const made = await call({
      service: 's3api',
      operation: 'create-bucket',
      region: 'us-east-1',
      parameters: { Bucket: 'by-api-names' },
    });
    expect(made).toMatchObject({ status: 'completed', exit_code: 0 });
    const tagged = await call({
      service: 's3api',
      operation: 'put-bucket-tagging',
      region: 'us-east-1',
      parameters: {
        Bucket: 'by-api-names',
        Tagging: { TagSet: [{ Key: 'note', Value: '--profile file://etc/passwd $(id) "q" €' }] },
      },
    });
    expect(tagged).toMatchObject({ status: 'completed', stderr: '' });
    const read = await call({
      service: 's3api',
      operation: 'get-bucket-tagging',
      region: 'us-east-1',
      parameters: { bucket: 'by-api-names' },
      query: 'TagSet[0].Value',
    });
    expect(JSON.parse(read.stdout)).toBe('--profile file://etc/passwd $(id) "q" €');
  });

  it('takes parameters by the names of its options, lists and switches among them', async () => {
    const { stdout, status } = await call({
      service: 'ec2',
      operation: 'describe-regions',
      region: 'eu-west-1',
      parameters: { 'region-names': ['eu-west-1', 'us-east-1'], 'all-regions': true },
      query: 'Regions[].RegionName',
      output: 'text',
    });
    expect(status).toBe('completed');
    expect(stdout.trim().split(/\s+/u).toSorted()).toEqual(['eu-west-1', 'us-east-1']);
  });

  it('reaches the endpoint of the host for rds in us-east-1 as well', async () => {
    aws.resetCounts();
    const { status } = await call({
      service: 'rds',
      operation: 'describe-db-instances',
      region: 'us-east-1',
    });
    expect(status).toBe('completed');
    expect(aws.counts()['rds:DescribeDBInstances']).toBe(1);
  });

  it('reports what the service refuses: once, by exit code and message', async () => {
    // Only the first call is refused: a second attempt by the CLI itself would succeed.
    aws.faults.add({ service: 'ec2', operation: 'DescribeVpcs', kind: 'throttle', times: 1 });
    const { status, exit_code, stderr, error } = await call({
      service: 'ec2',
      operation: 'describe-vpcs',
      region: 'eu-west-1',
    });
    expect({ status, code: error?.code }).toEqual({ status: 'failed', code: 'NONZERO_EXIT' });
    expect(exit_code).not.toBe(0);
    expect(stderr).toContain('RequestLimitExceeded');
  });
});
