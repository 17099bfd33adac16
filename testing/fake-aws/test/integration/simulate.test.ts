import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeAws, startFakeAws } from '../../src/index.ts';
import { awsJson, runAws } from '../aws-cli.ts';

const me = 'arn:aws:iam::123456789012:user/cloudops-operator';
const instance = (region: string) => `arn:aws:ec2:${region}:123456789012:instance/i-1`;
const simulate = (aws: FakeAws, ...args: string[]) =>
  awsJson(aws, 'iam', 'simulate-principal-policy', ...args);

const simulateAs = (arn: string, actions: readonly string[], more: readonly string[] = []) =>
  simulate(aws, '--policy-source-arn', arn, '--action-names', ...actions, ...more);

let aws: FakeAws;
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());

describe('SimulatePrincipalPolicy', () => {
  it('answers for the caller of env, whom STS names by its key', async () => {
    expect(await awsJson(aws, 'sts', 'get-caller-identity')).toMatchObject({ Arn: me });
    const actions = ['ec2:StopInstances', 'ec2:TerminateInstances', 's3:DeleteBucket'];
    const arns = [instance('eu-west-1'), instance('us-east-1')];
    const args = ['--action-names', ...actions, '--resource-arns', ...arns];
    const decisions = (...per: string[]) =>
      per.map((decision) => expect.objectContaining({ EvalResourceDecision: decision }));
    expect(await simulate(aws, '--policy-source-arn', me, ...args)).toMatchObject({
      EvaluationResults: [
        {
          EvalActionName: 'ec2:StopInstances',
          EvalDecision: 'allowed',
          ResourceSpecificResults: decisions('allowed', 'allowed'),
        },
        {
          EvalActionName: 'ec2:TerminateInstances',
          EvalDecision: 'explicitDeny',
          MissingContextValues: ['aws:ResourceTag/Environment'],
          ResourceSpecificResults: decisions('allowed', 'explicitDeny'),
        },
        {
          EvalActionName: 's3:DeleteBucket',
          EvalDecision: 'implicitDeny',
          ResourceSpecificResults: decisions('implicitDeny', 'implicitDeny'),
        },
      ],
    });
  });

  it('gives pages that the CLI puts together', async () => {
    const actions = Array.from({ length: 12 }, (_, index) => `ec2:Describe${index}`);
    const args = ['--policy-source-arn', me, '--action-names', ...actions];
    aws.resetCounts();
    const all = await simulate(aws, ...args, '--page-size', '5');
    expect(all).toMatchObject({
      EvaluationResults: actions.map((name) => ({ EvalActionName: name })),
    });
    expect(aws.counts()).toEqual({ 'iam:SimulatePrincipalPolicy': 3 });
    expect(await simulate(aws, ...args, '--no-paginate', '--max-items', '5')).toMatchObject({
      IsTruncated: true,
      Marker: expect.any(String),
    });
  });

  it('takes tags as context', async () => {
    const context =
      'ContextKeyName=aws:ResourceTag/Environment,ContextKeyType=string,ContextKeyValues=';
    const ask = (value: string) =>
      simulateAs(
        me,
        ['ec2:TerminateInstances'],
        ['--resource-arns', instance('eu-west-1'), '--context-entries', context + value],
      );
    const one = (decision: string) => ({
      EvaluationResults: [{ EvalDecision: decision, MissingContextValues: [] }],
    });
    expect(await ask('production')).toMatchObject(one('explicitDeny'));
    expect(await ask('staging')).toMatchObject(one('allowed'));
  });

  it('sees a change of policy at once, inline and AWS managed ones, on a role with a boundary', async () => {
    const trust = '{"Version":"2012-10-17","Statement":[]}';
    const role = ['--role-name', 'deployer'];
    const readOnly = 'arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess';
    const actions = ['ec2:DescribeInstances', 'ec2:StopInstances'];
    const ask = () => simulateAs('arn:aws:iam::123456789012:role/deployer', actions);
    const both = (first: string, second: string) => ({
      EvaluationResults: [{ EvalDecision: first }, { EvalDecision: second }],
    });
    await awsJson(aws, 'iam', 'create-role', ...role, '--assume-role-policy-document', trust);
    expect(await ask()).toMatchObject(both('implicitDeny', 'implicitDeny'));
    const inline =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}';
    await awsJson(
      aws,
      'iam',
      'put-role-policy',
      ...role,
      '--policy-name',
      'p',
      '--policy-document',
      inline,
    );
    expect(await ask()).toMatchObject(both('allowed', 'allowed'));
    await awsJson(
      aws,
      'iam',
      'put-role-permissions-boundary',
      ...role,
      '--permissions-boundary',
      readOnly,
    );
    expect(await ask()).toMatchObject(both('allowed', 'implicitDeny'));
  });

  it('refuses as IAM does', async () => {
    const call = ['iam', 'simulate-principal-policy', '--action-names', 'ec2:StopInstances'];
    const ask = (arn: string) => runAws(aws, ...call, '--policy-source-arn', arn);
    const assumed = await ask('arn:aws:sts::123456789012:assumed-role/deployer/session');
    expect(assumed.stderr).toContain('An error occurred (InvalidInput)');
    const wrongPath = await ask('arn:aws:iam::123456789012:user/path/cloudops-operator');
    expect(wrongPath.stderr).toContain('An error occurred (NoSuchEntity)');
    const nobody = await ask('arn:aws:iam::123456789012:user/nobody');
    expect(nobody.stderr).toContain('An error occurred (NoSuchEntity)');
  });

  it('can answer in the older shape, one result per action and ARN', async () => {
    await using older = await startFakeAws({ simulationShape: 'resource' });
    const args = ['--policy-source-arn', me, '--action-names', 'ec2:TerminateInstances'];
    const arns = [instance('eu-west-1'), instance('us-east-1')];
    expect(await simulate(older, ...args, '--resource-arns', ...arns)).toMatchObject({
      EvaluationResults: [
        {
          EvalResourceName: arns[0],
          EvalDecision: 'explicitDeny',
          ResourceSpecificResults: [{ EvalResourceDecision: 'allowed' }],
        },
        {
          EvalResourceName: arns[1],
          EvalDecision: 'explicitDeny',
          ResourceSpecificResults: [{ EvalResourceDecision: 'explicitDeny' }],
        },
      ],
    });
  });
});
