import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionRequest } from '../../src/index.ts';
import { call, startPair, type Pair } from '../warm-pair.ts';
import { cliProgram } from '../warm.ts';

// Each call is made by a process of its own and by a fork of the warm AWS CLI, and has to come to the same.

const cli = await cliProgram();
const title = typeof cli === 'string' ? `(left out: ${cli})` : '';

let pair: Pair;

const SKELETON = '--generate-cli-skeleton';

describe.skipIf(typeof cli === 'string')(`the warm AWS CLI ${title}`, () => {
  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair[Symbol.asyncDispose]());

  it.each<[string, () => ExecutionRequest, number]>([
    ['who am I', () => call('sts', 'get-caller-identity'), 0],
    ['a list as JSON', () => call('ec2', 'describe-vpcs'), 0],
    [
      'as text, projected',
      () => call('ec2', 'describe-vpcs', { output: 'text', query: 'Vpcs[].[VpcId,CidrBlock]' }),
      0,
    ],
    ['as a table', () => call('ec2', 'describe-vpcs', { output: 'table' }), 0],
    ['buckets', () => call('s3api', 'list-buckets'), 0],
    ['databases', () => call('rds', 'describe-db-instances', { region: 'us-east-1' }), 0],
    ['functions', () => call('lambda', 'list-functions'), 0],
    ['users', () => call('iam', 'list-users'), 0],
    ['an operation that is none', () => call('ec2', 'describe-nothing'), 2],
    ['a service that is none', () => call('nothing', 'describe'), 2],
    ['an option that is none', () => call('ec2', 'describe-vpcs', { args: ['--nothing'] }), 255],
    [
      'what AWS refuses',
      () => call('ec2', 'describe-vpcs', { parameters: { VpcIds: ['vpc-1'] } }),
      255,
    ],
    ['a query that is none', () => call('ec2', 'describe-vpcs', { query: 'Vpcs[' }), 255],
    [
      'hostile values',
      () =>
        call('ec2', 'describe-vpcs', {
          parameters: { Filters: [{ Name: 'tag:ü', Values: ['€\n"$(id)\u{1f600} \\'] }] },
        }),
      0,
    ],
    ['what it could be asked', () => call('ec2', 'describe-subnets', { args: [SKELETON] }), 0],
    [
      'what it could answer',
      () => call('ec2', 'describe-key-pairs', { args: [SKELETON, 'output'] }),
      0,
    ],
    [
      'an input that is checked',
      () => call('s3api', 'get-bucket-location', { args: ['--cli-input-json', '{"Bucket": 1}'] }),
      255,
    ],
    [
      'an option that is missing',
      () => call('s3api', 'get-bucket-location', { args: ['--no-paginate'] }),
      2,
    ],
    [
      'a waiter',
      () => call('s3api', 'wait', { args: ['bucket-not-exists', '--bucket', 'none'] }),
      0,
    ],
    ['a service by another name', () => call('deploy', 'list-applications'), 0],
    ['a service that is not offered', () => call('sdb', 'list-domains'), 1],
    ['a file that is missing', () => call('s3', 'cp', { args: ['missing', 's3://nowhere/'] }), 255],
  ])('answers the same as a process of its own: %s', async (_, request, code) => {
    expect((await pair.same(request())).exit_code).toBe(code);
  });

  it('copies files to buckets and back: names, working directory, input', async () => {
    await pair.warm.run(call('s3', 'mb', { args: ['s3://warm'] }), { check: true });
    await writeFile(join(pair.folder, 'naïve €.txt'), 'héllo €\n');
    const here = { working_dir: pair.folder };
    await pair.warm.run(call('s3', 'cp', { args: ['naïve €.txt', 's3://warm/ü €'] }, here), {
      check: true,
    });
    const read = await pair.same(call('s3', 'cp', { args: ['s3://warm/ü €', '-'] }));
    expect(read.stdout).toBe('héllo €\n');
    await pair.warm.run(
      call('s3', 'cp', { args: ['-', 's3://warm/in'] }, { stdin: 'typed €'.repeat(100_000) }),
      { check: true },
    );
    const typed = await pair.same(call('s3', 'cp', { args: ['s3://warm/in', '-'] }));
    expect(typed.stdout).toBe('typed €'.repeat(100_000));
  });

  it('runs 32 at once', async () => {
    pair.aws.resetCounts();
    const results = await Promise.all(
      Array.from({ length: 32 }, (_, index) =>
        pair.warm.run(
          call('ec2', 'describe-vpcs', { region: index % 2 ? 'eu-west-1' : 'us-east-1' }),
        ),
      ),
    );
    expect(results.filter(({ status }) => status !== 'completed')).toEqual([]);
    expect(pair.aws.counts()['ec2:DescribeVpcs']).toBe(32);
  });
});
