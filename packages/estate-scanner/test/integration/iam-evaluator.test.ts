import { getEventListeners } from 'node:events';
import {
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { type FakeAws, startFakeAws } from 'cloudops-fake-aws';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IamOptions } from '../../src/iam/options.ts';
import { PrincipalCache } from '../../src/iam/principal-cache.ts';
import { PermissionEvaluator } from '../../src/iam/simulate.ts';
import type { PermissionRequest } from '../../src/ports.ts';

const account = '123456789012';
const alice = `arn:aws:iam::${account}:user/staff/alice`;
const deployer = `arn:aws:iam::${account}:role/teams/web/deployer`;
const simulations = 'iam:SimulatePrincipalPolicy';
const instanceActions = ['ec2:StartInstances', 'ec2:StopInstances', 'ec2:TerminateInstances'];

let aws: FakeAws;
let options: IamOptions;

function statement(
  Effect: 'Allow' | 'Deny',
  Action: string[],
  Resource: string,
  Condition?: object,
) {
  return { Effect, Action, Resource, ...(Condition && { Condition }) };
}

function policy(...Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

function instance(id: string): PermissionRequest {
  const arn = `arn:aws:ec2:eu-west-1:${account}:instance/${id}`;
  return { resource_type: 'ec2:instance', arn, actions: instanceActions };
}

/** One batch each: resources of one type go together. */
function ofManyTypes(count: number): PermissionRequest[] {
  return Array.from({ length: count }, (_, i) =>
    Object.assign(instance(`i-${i}`), { resource_type: `ec2:type-${i}` }),
  );
}

beforeAll(async () => {
  aws = await startFakeAws();
  const credentials = {
    accessKeyId: aws.env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY ?? '',
  };
  options = {
    endpoint: aws.endpointUrl,
    credentials,
    retry: { initialDelayMs: 5, maxDelayMs: 50 },
  };
  const iam = new IAMClient({ endpoint: aws.endpointUrl, credentials, region: 'us-east-1' });
  await iam.send(new CreateUserCommand({ UserName: 'alice', Path: '/staff/' }));
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'alice',
      PolicyName: 'own',
      PolicyDocument: policy(
        statement('Allow', ['ec2:StartInstances', 'ec2:StopInstances'], '*'),
        statement('Deny', ['ec2:StopInstances'], `arn:aws:ec2:*:*:instance/i-prod*`),
        statement('Allow', ['ec2:TerminateInstances'], '*', {
          StringEquals: { 'aws:ResourceTag/Environment': 'staging' },
        }),
        statement('Allow', ['s3:GetObject'], 'arn:aws:s3:::reports/*'),
        statement('Allow', ['s3:ListAllMyBuckets'], '*'),
      ),
    }),
  );
  await iam.send(new CreateGroupCommand({ GroupName: 'admins' }));
  await iam.send(
    new PutGroupPolicyCommand({
      GroupName: 'admins',
      PolicyName: 'databases',
      PolicyDocument: policy(statement('Allow', ['rds:*'], '*')),
    }),
  );
  await iam.send(new AddUserToGroupCommand({ GroupName: 'admins', UserName: 'alice' }));
  const trust = { Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' };
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'deployer',
      Path: '/teams/web/',
      AssumeRolePolicyDocument: policy(trust),
    }),
  );
  await iam.send(
    new CreateRoleCommand({ RoleName: 'plain', AssumeRolePolicyDocument: policy(trust) }),
  );
  const created = await iam.send(
    new CreatePolicyCommand({
      PolicyName: 'deploy',
      PolicyDocument: policy(statement('Allow', ['lambda:UpdateFunctionCode'], '*')),
    }),
  );
  await iam.send(
    new AttachRolePolicyCommand({ RoleName: 'deployer', PolicyArn: created.Policy?.Arn }),
  );
  iam.destroy();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.faults.clear();
  aws.resetCounts();
});

describe('PermissionEvaluator against an IAM that evaluates real policies', () => {
  it('tells allowed, explicitly denied, not allowed and conditional apart, per resource', async () => {
    const evaluator = new PermissionEvaluator(options);
    const [web, prod] = await evaluator.evaluate({
      principalArn: alice,
      requests: [instance('i-web'), instance('i-prod1')],
    });
    expect(web).toMatchObject({
      principal_arn: alice,
      status: 'evaluated',
      allowed: ['ec2:StartInstances', 'ec2:StopInstances'],
      denied: [],
      conditional: ['ec2:TerminateInstances'],
    });
    expect(prod).toMatchObject({
      allowed: ['ec2:StartInstances'],
      denied: ['ec2:StopInstances'],
    });
    expect(evaluator.calls).toBe(1);
    expect(aws.counts()[simulations]).toBe(1);
    evaluator.close();
  });

  it('asks about the objects of a bucket, and about account-wide actions, where they live', async () => {
    const evaluator = new PermissionEvaluator(options);
    const actions = ['s3:GetObject', 's3:DeleteBucket', 's3:ListAllMyBuckets'];
    const [reports, other] = await evaluator.evaluate({
      principalArn: alice,
      requests: ['arn:aws:s3:::reports', 'arn:aws:s3:::other'].map((arn) => ({
        resource_type: 's3:bucket',
        arn,
        actions,
      })),
    });
    expect(reports).toMatchObject({
      allowed: ['s3:GetObject', 's3:ListAllMyBuckets'],
      denied: ['s3:DeleteBucket'],
    });
    expect(other).toMatchObject({
      allowed: ['s3:ListAllMyBuckets'],
      denied: ['s3:GetObject', 's3:DeleteBucket'],
    });
    expect(evaluator.calls).toBe(3);
    evaluator.close();
  });

  it('sees the policies of the groups that a user is in', async () => {
    const evaluator = new PermissionEvaluator(options);
    const arn = `arn:aws:rds:eu-west-1:${account}:db:orders`;
    const [database] = await evaluator.evaluate({
      principalArn: alice,
      requests: [{ resource_type: 'rds:db', arn, actions: ['rds:StopDBInstance'] }],
    });
    expect(database).toMatchObject({ allowed: ['rds:StopDBInstance'], denied: [] });
    evaluator.close();
  });

  it('tells what a policy grants by tag and region, with a call more for each value', async () => {
    const { credentials, endpoint } = options;
    const iam = new IAMClient({
      ...(credentials && { credentials }),
      ...(endpoint && { endpoint }),
      region: 'us-east-1',
    });
    await iam.send(new CreateUserCommand({ UserName: 'by-tag' }));
    const inRegion = { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } };
    const ofTeam = { StringEquals: { 'aws:ResourceTag/team': 'web' } };
    const withMfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'by-tag',
        PolicyName: 'own',
        PolicyDocument: policy(
          statement('Allow', ['ec2:StartInstances'], '*', inRegion),
          statement('Allow', ['ec2:StopInstances'], '*', ofTeam),
          statement('Allow', ['ec2:TerminateInstances'], '*', withMfa),
        ),
      }),
    );
    const evaluator = new PermissionEvaluator(options);
    const region = 'eu-west-1';
    const answers = await evaluator.evaluate({
      principalArn: `arn:aws:iam::${account}:user/by-tag`,
      requests: [
        { ...instance('i-web'), region, tags: { team: 'web' } },
        { ...instance('i-other'), region, tags: { team: 'data' } },
        { ...instance('i-bare'), region, tags: {} },
        { ...instance('i-unseen'), region, tags: null },
      ],
    });
    const [web, other, bare, unseen] = answers;
    expect(web?.allowed.toSorted()).toEqual(['ec2:StartInstances', 'ec2:StopInstances']);
    expect([other?.allowed, other?.denied]).toEqual([
      ['ec2:StartInstances'],
      ['ec2:StopInstances'],
    ]);
    expect([bare?.allowed, bare?.denied]).toEqual([['ec2:StartInstances'], ['ec2:StopInstances']]);
    expect(unseen?.conditional).toEqual(['ec2:StopInstances', 'ec2:TerminateInstances']);
    for (const answer of answers) expect(answer.conditional).toContain('ec2:TerminateInstances');
    // One for all, one for the region, one for each of the two teams.
    expect(evaluator.calls).toBe(4);
    iam.destroy();
    evaluator.close();
  });

  it('looks a role up once for many scans, and leaves no listener on their signal', async () => {
    const principals = new PrincipalCache();
    const { signal } = new AbortController();
    for (const session of ['first', 'second']) {
      const evaluator = new PermissionEvaluator(options, { principals });
      const principalArn = `arn:aws:sts::${account}:assumed-role/deployer/${session}`;
      await evaluator.evaluate({ principalArn, requests: ofManyTypes(10), signal });
      evaluator.close();
    }
    expect(aws.counts()['iam:GetRole']).toBe(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('finds the role with its path behind an assumed role', async () => {
    const evaluator = new PermissionEvaluator(options);
    const arn = `arn:aws:lambda:eu-west-1:${account}:function:checkout`;
    const actions = ['lambda:UpdateFunctionCode', 'lambda:DeleteFunction'];
    const requests = [{ resource_type: 'lambda:function', arn, actions }];
    for (const principalArn of [
      `arn:aws:sts::${account}:assumed-role/deployer/session-1`,
      deployer,
    ]) {
      const [permissions] = await evaluator.evaluate({ principalArn, requests });
      expect(permissions).toMatchObject({
        principal_arn: deployer,
        allowed: ['lambda:UpdateFunctionCode'],
        denied: ['lambda:DeleteFunction'],
      });
    }
    // The second caller is the same role: its answer is known.
    expect(aws.counts()[simulations]).toBe(1);
    evaluator.close();
  });

  it.each([
    `arn:aws:iam::${account}:root`,
    `arn:aws:sts::${account}:federated-user/guest`,
    'not an ARN',
  ])('calls everything unknown for %s, and asks nothing', async (principalArn) => {
    const evaluator = new PermissionEvaluator(options);
    const [permissions] = await evaluator.evaluate({ principalArn, requests: [instance('i-1')] });
    expect(permissions).toMatchObject({ status: 'unknown', allowed: [], denied: [] });
    expect(evaluator.calls).toBe(0);
    expect(evaluator.unknown).toMatchObject([{ reason: 'unsupported_principal', resources: 1 }]);
    evaluator.close();
  });

  it.each([
    `arn:aws:iam::${account}:user/nobody`,
    `arn:aws:sts::${account}:assumed-role/no-such-role/session`,
  ])('calls everything unknown where IAM does not know %s', async (principalArn) => {
    const evaluator = new PermissionEvaluator(options);
    const requests = [instance('i-1'), instance('i-2')];
    const answers = await evaluator.evaluate({ principalArn, requests });
    expect(answers.map(({ status }) => status)).toEqual(['unknown', 'unknown']);
    expect(evaluator.unknown).toMatchObject([{ reason: 'principal_not_found', resources: 2 }]);
    evaluator.close();
  });

  it('reads all pages of a large batch, each answer with its own resource', async () => {
    const evaluator = new PermissionEvaluator(options);
    const requests = Array.from({ length: 700 }, (_, i) =>
      instance(i % 3 === 0 ? `i-prod${i}` : `i-web${i}`),
    );
    const answers = await evaluator.evaluate({ principalArn: alice, requests });
    for (const [index, answer] of answers.entries()) {
      expect(answer.status).toBe('evaluated');
      expect(answer.allowed.includes('ec2:StopInstances')).toBe(index % 3 !== 0);
    }
    expect(evaluator.calls).toBeGreaterThanOrEqual(3);
    evaluator.close();
  });

  it('makes no call the second time, until the answer has expired', async () => {
    let now = Date.now();
    const evaluator = new PermissionEvaluator(
      { ...options, cacheTtlMs: 60_000 },
      { now: () => now },
    );
    const input = { principalArn: alice, requests: [instance('i-web'), instance('i-prod')] };
    const first = await evaluator.evaluate(input);
    const calls = evaluator.calls;
    expect(await evaluator.evaluate(input)).toEqual(first);
    expect(evaluator.calls).toBe(calls);
    await evaluator.evaluate({ ...input, requests: [...input.requests, instance('i-new')] });
    expect(evaluator.calls).toBe(calls + 1);
    now += 60_001;
    await evaluator.evaluate(input);
    expect(evaluator.calls).toBe(calls + 2);
    evaluator.close();
  });

  it('keeps nothing longer than the credentials live', async () => {
    let now = Date.now();
    const { credentials } = options;
    if (typeof credentials !== 'object') throw new Error('the test gives keys');
    const expiration = new Date(now + 3_600_000);
    const evaluator = new PermissionEvaluator(
      { ...options, cacheTtlMs: 86_400_000, credentials: { ...credentials, expiration } },
      { now: () => now },
    );
    const input = { principalArn: alice, requests: [instance('i-web')] };
    await evaluator.evaluate(input);
    now += 3_600_001;
    await evaluator.evaluate(input);
    expect(evaluator.calls).toBe(2);
    evaluator.close();
  });

  it('does not let a caller change what is cached', async () => {
    const evaluator = new PermissionEvaluator(options);
    const input = { principalArn: alice, requests: [instance('i-web')] };
    const [first] = await evaluator.evaluate(input);
    first?.allowed.push('iam:DeleteUser');
    const [second] = await evaluator.evaluate(input);
    expect(second?.allowed).not.toContain('iam:DeleteUser');
    evaluator.close();
  });

  it('rejects with ABORTED, before and during a call', async () => {
    const evaluator = new PermissionEvaluator(options);
    const input = { principalArn: alice, requests: [instance('i-web')] };
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(evaluator.evaluate({ ...input, signal })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: { message: 'enough' },
    });
    expect(evaluator.calls).toBe(0);
    aws.faults.add({ service: 'iam', kind: 'latency', latencyMs: 20_000 });
    const controller = new AbortController();
    const work = evaluator.evaluate({ ...input, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(work).rejects.toMatchObject({ code: 'ABORTED' });
    evaluator.close();
  });

  it('answers everything although a third of the calls is throttled, and counts what it repeated', async () => {
    aws.faults.add({ service: 'iam', kind: 'throttle', share: 0.3 });
    const evaluator = new PermissionEvaluator(options);
    const answers = await evaluator.evaluate({ principalArn: alice, requests: ofManyTypes(20) });
    expect(answers.every(({ status }) => status === 'evaluated')).toBe(true);
    expect(evaluator.retries).toBeGreaterThan(0);
    expect(evaluator.calls).toBe(20 + evaluator.retries);
    expect(aws.counts()[simulations]).toBe(evaluator.calls);
    evaluator.close();
  });

  it.each(['reset', 'truncate', 'server_error'] as const)('asks again after a %s', async (kind) => {
    aws.faults.add({ service: 'iam', kind, times: 1 });
    const evaluator = new PermissionEvaluator(options);
    const [answer] = await evaluator.evaluate({
      principalArn: alice,
      requests: [instance('i-web')],
    });
    expect(answer?.status).toBe('evaluated');
    expect(evaluator).toMatchObject({ calls: 2, retries: 1 });
    evaluator.close();
  });

  it('calls it unknown, not denied, where throttling does not end, and asks anew the next time', async () => {
    aws.faults.add({ service: 'iam', kind: 'throttle' });
    const evaluator = new PermissionEvaluator({
      ...options,
      retry: { maxAttempts: 3, initialDelayMs: 1 },
    });
    const input = { principalArn: alice, requests: [instance('i-web')] };
    const [answer] = await evaluator.evaluate(input);
    expect(answer).toMatchObject({ status: 'unknown', denied: [] });
    expect(evaluator.unknown).toMatchObject([
      { reason: 'throttled', code: 'Throttling', resources: 1 },
    ]);
    expect(evaluator.calls).toBe(3);
    aws.faults.clear();
    const [again] = await evaluator.evaluate(input);
    expect(again?.status).toBe('evaluated');
    evaluator.close();
  });

  it.each([
    ['deny', 'denied'],
    ['expire_credentials', 'credentials'],
  ] as const)('calls it unknown on %s, and does not go on asking', async (kind, reason) => {
    aws.faults.add({ service: 'iam', kind });
    const evaluator = new PermissionEvaluator(options);
    const answers = await evaluator.evaluate({ principalArn: alice, requests: ofManyTypes(30) });
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 'unknown', allowed: [], denied: [], conditional: [] });
    }
    expect(evaluator.unknown).toMatchObject([{ reason, resources: 30 }]);
    expect(evaluator.calls).toBeLessThanOrEqual(5);
    evaluator.close();
  });

  it('takes a role to have no path where looking it up is denied', async () => {
    aws.faults.add({ service: 'iam', operation: 'GetRole', kind: 'deny' });
    const evaluator = new PermissionEvaluator(options);
    const requests = [instance('i-web')];
    const sessionOf = (role: string) => `arn:aws:sts::${account}:assumed-role/${role}/session`;
    const [plain] = await evaluator.evaluate({ principalArn: sessionOf('plain'), requests });
    expect(plain).toMatchObject({
      principal_arn: `arn:aws:iam::${account}:role/plain`,
      status: 'evaluated',
    });
    const [deep] = await evaluator.evaluate({ principalArn: sessionOf('deployer'), requests });
    expect(deep?.status).toBe('unknown');
    expect(evaluator.unknown).toMatchObject([{ reason: 'principal_not_found' }]);
    evaluator.close();
  });

  it('calls everything unknown where nobody answers', async () => {
    const evaluator = new PermissionEvaluator({
      ...options,
      endpoint: 'http://127.0.0.1:1',
      retry: { maxAttempts: 2, initialDelayMs: 1 },
    });
    const [answer] = await evaluator.evaluate({ principalArn: alice, requests: [instance('i-1')] });
    expect(answer?.status).toBe('unknown');
    expect(evaluator.unknown).toMatchObject([{ reason: 'unreachable', resources: 1 }]);
    expect(evaluator).toMatchObject({ calls: 2, retries: 1 });
    evaluator.close();
  });

  it('refuses bad options with their path', () => {
    expect(() => new PermissionEvaluator({ concurrency: 6 })).toThrow(/concurrency/u);
  });
});
