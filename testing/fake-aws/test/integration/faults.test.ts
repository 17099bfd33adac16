import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeAws, type FaultRule, startFakeAws } from '../../src/index.ts';
import { awsJson, runAws } from '../aws-cli.ts';

let aws: FakeAws;
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());
afterEach(() => aws.faults.clear());

const commands = {
  ec2: ['ec2', 'describe-vpcs'],
  rds: ['rds', 'describe-db-instances'],
  s3: ['s3api', 'list-buckets'],
  lambda: ['lambda', 'list-functions'],
  tagging: ['resourcegroupstaggingapi', 'get-resources'],
};
type Service = keyof typeof commands;

/** The codes that the CLI must print, in the order of `commands`. */
const refusals: [FaultRule, Record<Service, string>][] = [
  [
    { kind: 'throttle' },
    {
      ec2: 'RequestLimitExceeded',
      rds: 'Throttling',
      s3: 'SlowDown',
      lambda: 'TooManyRequestsException',
      tagging: 'ThrottlingException',
    },
  ],
  [
    { kind: 'deny' },
    {
      ec2: 'UnauthorizedOperation',
      rds: 'AccessDenied',
      s3: 'AccessDenied',
      lambda: 'AccessDeniedException',
      tagging: 'AccessDeniedException',
    },
  ],
  [
    { kind: 'region_disabled', region: 'eu-west-1' },
    {
      ec2: 'AuthFailure',
      rds: 'InvalidClientTokenId',
      s3: 'InvalidAccessKeyId',
      lambda: 'UnrecognizedClientException',
      tagging: 'UnrecognizedClientException',
    },
  ],
  [
    { kind: 'expire_credentials' },
    {
      ec2: 'RequestExpired',
      rds: 'ExpiredToken',
      s3: 'ExpiredToken',
      lambda: 'ExpiredTokenException',
      tagging: 'ExpiredTokenException',
    },
  ],
];

describe('a fault reaches the AWS CLI in the words of each service', () => {
  it.each(refusals)('%j', async (rule, codes) => {
    const fault = aws.faults.add(rule);
    const ask = async (service: Service) => {
      const { code, stderr } = await runAws(aws, ...commands[service]);
      return [code, /An error occurred \((\w+)\)/.exec(stderr)?.[1]];
    };
    expect(await ask('ec2')).toEqual([255, codes.ec2]);
    expect(await ask('rds')).toEqual([255, codes.rds]);
    expect(await ask('s3')).toEqual([255, codes.s3]);
    expect(await ask('lambda')).toEqual([255, codes.lambda]);
    expect(await ask('tagging')).toEqual([255, codes.tagging]);
    expect(fault.hits).toBe(5);
  });

  it('an internal error', async () => {
    aws.faults.add({ kind: 'server_error' });
    expect((await runAws(aws, ...commands.ec2)).stderr).toContain('(InternalError)');
  });

  it('another region than the disabled one goes on', async () => {
    aws.faults.add({ kind: 'region_disabled', region: 'us-east-1' });
    expect(await runAws(aws, ...commands.ec2)).toMatchObject({ code: 0 });
    const there = await runAws(aws, ...commands.ec2, '--region', 'us-east-1');
    expect(there.stderr).toContain('(AuthFailure)');
  });
});

describe('a broken connection', () => {
  it.each<FaultRule>([{ kind: 'reset' }, { kind: 'truncate' }, { kind: 'truncate', keepShare: 0 }])(
    'makes the CLI fail: %j',
    async (rule) => {
      aws.faults.add({ ...rule, service: 'ec2' });
      const outcome = await runAws(aws, ...commands.ec2);
      expect(outcome.code).toBe(255);
      expect(outcome.stderr).toContain('Connection was closed');
      aws.faults.clear();
      expect(await runAws(aws, ...commands.ec2)).toMatchObject({ code: 0 });
    },
  );

  it('before moto sees the call changes nothing, after it the change is made', async () => {
    const vpcs = () => awsJson(aws, 'ec2', 'describe-vpcs', '--query', 'length(Vpcs)');
    const create = () => runAws(aws, 'ec2', 'create-vpc', '--cidr-block', '10.9.0.0/16');
    expect(await vpcs()).toBe(1);
    const before = aws.faults.add({ kind: 'reset', operation: 'CreateVpc' });
    expect(await create()).toMatchObject({ code: 255 });
    expect(await vpcs()).toBe(1);
    before.remove();
    aws.faults.add({ kind: 'reset', operation: 'CreateVpc', when: 'after' });
    expect(await create()).toMatchObject({ code: 255 });
    expect(await vpcs()).toBe(2);
  });
});

describe('latency', () => {
  it('delays the answer', async () => {
    aws.faults.add({ kind: 'latency', latencyMs: 300, service: 'sts' });
    const started = performance.now();
    const response = await fetch(`${aws.endpointUrl}/`, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=AKIDX/20260101/eu-west-1/sts/aws4_request',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });
    expect(response.status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(299);
  });
});
