import { getEventListeners } from 'node:events';
import { CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import type { FakeAws } from 'cloudops-fake-aws';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IamOptions } from '../../src/iam/options.ts';
import { PrincipalCache } from '../../src/iam/principal-cache.ts';
import { PermissionEvaluator } from '../../src/iam/simulate.ts';
import {
  account,
  alice,
  deployer,
  instance,
  ofManyTypes,
  policy,
  simulations,
  startIamWorld,
  statement,
} from '../support/iam-world.ts';

let aws: FakeAws;
let options: IamOptions;

beforeAll(async () => {
  ({ aws, options } = await startIamWorld());
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
});
