import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeAws, type FakeAws } from 'cloudops-fake-aws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutionEngine } from '../../src/index.ts';
import type { AwsCliCommand, ExecutionRequest } from '../../src/index.ts';
import { cliProgram, outcomeOf, warmUp, wasWarm } from '../warm.ts';

// Each call is made by a process of its own and by a fork of the warm AWS CLI, and has to come to the same.

const cli = await cliProgram();
const title = typeof cli === 'string' ? `(left out: ${cli})` : '';

let folder: string;
let aws: FakeAws;
let plain: ExecutionEngine;
let warm: ExecutionEngine;

const KEYS = {
  aws_access_key_id: 'AKIAIOSFODNN7EXAMPLE',
  aws_secret_access_key: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

const SKELETON = '--generate-cli-skeleton';

function profile(name: string, fields: Record<string, string>): string {
  const lines = Object.entries(fields).map(([field, value]) => `${field} = ${value}\n`);
  return `[${name}]\n${lines.join('')}`;
}

beforeAll(async () => {
  if (typeof cli === 'string') return;
  folder = await mkdtemp(join(tmpdir(), 'engine-warm-'));
  aws = await startFakeAws();
  const home = join(folder, 'home');
  await mkdir(home);
  const credentials = JSON.stringify({
    Version: 1,
    AccessKeyId: 'AKIAPROCESS',
    SecretAccessKey: 'x',
  });
  await writeFile(join(folder, 'credentials.sh'), `#!/bin/sh\necho '${credentials}'\n`, {
    mode: 0o700,
  });
  await writeFile(
    join(folder, 'config'),
    profile('default', { region: 'eu-west-3', output: 'text' }) +
      profile('profile keys', { ...KEYS, region: 'us-west-2', output: 'table' }) +
      profile('profile preview', { ...KEYS, region: 'us-west-2' }) +
      profile('profile process', { credential_process: join(folder, 'credentials.sh') }) +
      profile('profile role', {
        role_arn: 'arn:aws:iam::123456789012:role/x',
        source_profile: 'keys',
        region: 'us-east-1',
      }) +
      profile('profile history', { ...KEYS, cli_history: 'enabled', region: 'us-east-1' }),
  );
  await writeFile(join(folder, 'cannot be read'), '[default\nregion = x');
  await writeFile(join(folder, 'offers more services'), '[preview]\nsdb = true\n');
  await writeFile(
    join(folder, 'asks for an older service, beside the keys'),
    '[default]\napi_versions =\n  ec2 = 2014-10-01\n',
  );
  await writeFile(join(folder, 'naïve €.txt'), 'héllo €\n');
  // Without a region, so that calls can do without.
  const { AWS_REGION: _region, AWS_DEFAULT_REGION: _default, ...own } = aws.env;
  const engine = (warmCli: 'auto' | 'off') =>
    new ExecutionEngine({
      logDir: join(folder, 'logs'),
      maxConcurrent: 32,
      awsCli: {
        binary: aws.awsBinary,
        endpointUrl: aws.endpointUrl,
        env: { ...own, HOME: home },
        warmCli,
      },
    });
  [plain, warm] = [engine('off'), engine('auto')];
  await warmUp(warm, call('sts', 'get-caller-identity'));
});

afterAll(async () => {
  if (typeof cli === 'string') return;
  await Promise.all([plain.close(), warm.close()]);
  await aws.close();
  await rm(folder, { recursive: true });
});

/** In a region. */
function call(
  service: string,
  operation: string,
  more: Partial<AwsCliCommand> = {},
  request: Partial<ExecutionRequest> = {},
): ExecutionRequest {
  return bare(service, operation, { region: 'eu-west-1', ...more }, request);
}

function bare(
  service: string,
  operation: string,
  more: Partial<AwsCliCommand> = {},
  request: Partial<ExecutionRequest> = {},
): ExecutionRequest {
  return { command: { type: 'aws_cli', service, operation, ...more }, ...request };
}

/** Runs it both ways, and gives what it came to. */
async function same(request: ExecutionRequest) {
  const [one, other] = await Promise.all([plain.run(request), warm.run(request)]);
  expect(outcomeOf(other)).toEqual(outcomeOf(one));
  expect(await wasWarm(warm, other.id)).toBe(true);
  return one;
}

const noKeys = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
const configured = (more: Record<string, string> = {}) => ({
  env: { AWS_CONFIG_FILE: join(folder, 'config'), ...more },
});

describe.skipIf(typeof cli === 'string')(`the warm AWS CLI ${title}`, () => {
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
    expect((await same(request())).exit_code).toBe(code);
  });

  it.each<[string, () => ExecutionRequest, RegExp]>([
    ['the default profile', () => bare('configure', 'list', {}, configured()), /eu-west-3/u],
    [
      'a profile by its variable',
      () => bare('configure', 'list', {}, configured({ AWS_PROFILE: 'keys' })),
      /us-west-2/u,
    ],
    [
      'a profile by its option',
      () => bare('sts', 'get-caller-identity', { profile: 'keys' }, configured(noKeys)),
      /123456789012/u,
    ],
    [
      'a profile that is missing',
      () => bare('sts', 'get-caller-identity', { profile: 'none' }, configured()),
      /could not be found/u,
    ],
    [
      'a process that knows the keys',
      () => bare('configure', 'list', { profile: 'process' }, configured(noKeys)),
      /custom-process/u,
    ],
    [
      'keys of the environment',
      () => bare('configure', 'list', {}, { env: { AWS_ACCESS_KEY_ID: 'one-two-one' } }),
      /-one +env/u,
    ],
    [
      'no keys',
      () => call('sts', 'get-caller-identity', {}, { env: noKeys }),
      /Unable to locate credentials/u,
    ],
    ['no region', () => bare('ec2', 'describe-vpcs'), /specify a region/u],
    [
      'a region by its variable',
      () => bare('configure', 'list', {}, { env: { AWS_DEFAULT_REGION: 'ap-south-1' } }),
      /ap-south-1/u,
    ],
    [
      'a proxy that is not there',
      () => call('sts', 'get-caller-identity', {}, { env: { HTTP_PROXY: 'http://127.0.0.1:1' } }),
      /proxy/iu,
    ],
    [
      'help, and its pager',
      () => call('ec2', 'help', {}, { env: { MANPAGER: 'head -c 400', PAGER: 'head -c 400' } }),
      /./u,
    ],
  ])('takes its configuration anew for each call: %s', async (_, request, expected) => {
    const { stdout, stderr } = await same(request());
    expect(stdout + stderr).toMatch(expected);
  });

  it.each<[string, string, () => ExecutionRequest, RegExp, RegExp]>([
    [
      'cannot be read',
      'AWS_CONFIG_FILE',
      () => call('sts', 'get-caller-identity'),
      /Unable to parse config file/u,
      /ConfigParseError/u,
    ],
    [
      'offers more services',
      'AWS_CONFIG_FILE',
      () => call('sdb', 'list-domains', { args: [SKELETON] }),
      /MaxNumberOfDomains/u,
      /changes the CLI itself/u,
    ],
    [
      'asks for an older service, beside the keys',
      'AWS_SHARED_CREDENTIALS_FILE',
      () => call('ec2', 'describe-nat-gateways'),
      /Invalid choice/u,
      /api_versions/u,
    ],
  ])(
    'leaves a configuration that %s to a process of its own',
    async (what, name, ask, says, why) => {
      const request = { ...ask(), env: { [name]: join(folder, what) } };
      const [one, other] = await Promise.all([plain.run(request), warm.run(request)]);
      expect(outcomeOf(other)).toEqual(outcomeOf(one));
      expect(one.stdout + one.stderr).toMatch(says);
      expect(warm.metrics().aws_cli.last_plain_reason).toMatch(why);
    },
  );

  it('assumes the role of a profile', async () => {
    const { stdout } = await warm.run(
      call('sts', 'get-caller-identity', { profile: 'role' }, configured(noKeys)),
      { check: true },
    );
    expect(JSON.parse(stdout)).toMatchObject({ Arn: expect.stringContaining('assumed-role/x/') });
  });

  it('writes its history where that is asked for', async () => {
    const result = await warm.run(
      call(
        'sts',
        'get-caller-identity',
        { profile: 'history' },
        configured({ ...noKeys, AWS_CLI_HISTORY_FILE: join(folder, 'history.db') }),
      ),
      { check: true },
    );
    expect(await wasWarm(warm, result.id)).toBe(true);
    expect(existsSync(join(folder, 'history.db'))).toBe(true);
  });

  it('copies files to buckets and back: names, working directory, input', async () => {
    await warm.run(call('s3', 'mb', { args: ['s3://warm'] }), { check: true });
    const here = { working_dir: folder };
    await warm.run(call('s3', 'cp', { args: ['naïve €.txt', 's3://warm/ü €'] }, here), {
      check: true,
    });
    const read = await same(call('s3', 'cp', { args: ['s3://warm/ü €', '-'] }));
    expect(read.stdout).toBe('héllo €\n');
    await warm.run(
      call('s3', 'cp', { args: ['-', 's3://warm/in'] }, { stdin: 'typed €'.repeat(100_000) }),
      { check: true },
    );
    const typed = await same(call('s3', 'cp', { args: ['s3://warm/in', '-'] }));
    expect(typed.stdout).toBe('typed €'.repeat(100_000));
  });

  it('runs 32 at once', async () => {
    aws.resetCounts();
    const results = await Promise.all(
      Array.from({ length: 32 }, (_, index) =>
        warm.run(call('ec2', 'describe-vpcs', { region: index % 2 ? 'eu-west-1' : 'us-east-1' })),
      ),
    );
    expect(results.filter(({ status }) => status !== 'completed')).toEqual([]);
    expect(aws.counts()['ec2:DescribeVpcs']).toBe(32);
  });
});
