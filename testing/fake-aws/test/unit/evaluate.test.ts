import { describe, expect, it } from 'vitest';
import { evaluator, mostRestrictive } from '../../src/iam/evaluate.ts';
import type { PrincipalPolicies } from '../../src/iam/principal.ts';

const server = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-1';

function principalWith(
  statements: readonly unknown[],
  boundary: readonly unknown[] | null = null,
): PrincipalPolicies {
  const document = (list: readonly unknown[]) => ({ Version: '2012-10-17', Statement: list });
  return {
    arn: 'arn:aws:iam::123456789012:user/ada',
    kind: 'user',
    name: 'ada',
    policies: [{ name: 'inline', document: document(statements) }],
    boundary: boundary === null ? null : { name: 'boundary', document: document(boundary) },
    tags: { team: 'platform' },
  };
}

const allow = (action: string, more: object = {}) => ({
  Effect: 'Allow',
  Action: action,
  Resource: '*',
  ...more,
});
const production = { StringEquals: { 'aws:ResourceTag/Environment': 'production' } };

describe('evaluator', () => {
  it('denies what nobody mentions and what somebody denies', () => {
    const principal = principalWith([
      allow('ec2:*'),
      { ...allow('ec2:Terminate*'), Effect: 'Deny' },
    ]);
    const decide = evaluator(principal, [], {});
    expect(decide('ec2:StopInstances', server).decision).toBe('allowed');
    expect(decide('ec2:TerminateInstances', server).decision).toBe('explicitDeny');
    expect(decide('s3:GetObject', 'arn:aws:s3:::b/k').decision).toBe('implicitDeny');
  });

  it('names the condition keys that it has no value for, and only where they matter', () => {
    const deny = { ...allow('ec2:TerminateInstances'), Effect: 'Deny', Condition: production };
    const principal = principalWith([allow('ec2:*'), deny]);
    expect(evaluator(principal, [], {})('ec2:TerminateInstances', server)).toEqual({
      resource: server,
      decision: 'allowed',
      missingContextValues: ['aws:ResourceTag/Environment'],
    });
    expect(evaluator(principal, [], {})('ec2:StopInstances', server).missingContextValues).toEqual(
      [],
    );
  });

  it('takes condition values from the context, whatever the case of the key', () => {
    const deny = { ...allow('ec2:TerminateInstances'), Effect: 'Deny', Condition: production };
    const context = { 'AWS:resourcetag/Environment': 'production' };
    const decide = evaluator(principalWith([allow('ec2:*'), deny]), [], context);
    expect(decide('ec2:TerminateInstances', server)).toMatchObject({
      decision: 'explicitDeny',
      missingContextValues: [],
    });
  });

  it('allows no more than the permissions boundary', () => {
    const decide = evaluator(principalWith([allow('*')], [allow('s3:*')]), [], {});
    expect(decide('s3:GetObject', 'arn:aws:s3:::b/k').decision).toBe('allowed');
    expect(decide('ec2:StopInstances', server).decision).toBe('implicitDeny');
  });

  it('knows the principal: its name in a resource, its tags in a condition', () => {
    const own = {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::home/${aws:username}/*',
    };
    const tagged = allow('ec2:StopInstances', {
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'platform' } },
    });
    const decide = evaluator(principalWith([own, tagged]), [], {});
    expect(decide('s3:GetObject', 'arn:aws:s3:::home/ada/x').decision).toBe('allowed');
    expect(decide('s3:GetObject', 'arn:aws:s3:::home/bob/x').decision).toBe('implicitDeny');
    expect(decide('ec2:StopInstances', server)).toMatchObject({
      decision: 'allowed',
      missingContextValues: [],
    });
  });

  it('decides each resource by itself though it remembers', () => {
    const deny = { ...allow('ec2:*'), Effect: 'Deny', Resource: 'arn:aws:ec2:us-east-1:*:*' };
    const decide = evaluator(principalWith([allow('ec2:*'), deny]), [], {});
    const decisions = ['i-1', 'i-2'].flatMap((id) =>
      ['eu-west-1', 'us-east-1'].map(
        (region) => decide('ec2:StopInstances', `arn:aws:ec2:${region}:1:instance/${id}`).decision,
      ),
    );
    expect(decisions).toEqual(['allowed', 'explicitDeny', 'allowed', 'explicitDeny']);
  });

  it('sums up to the most restrictive decision', () => {
    expect(mostRestrictive(['allowed', 'implicitDeny', 'explicitDeny'])).toBe('explicitDeny');
    expect(mostRestrictive(['allowed', 'implicitDeny'])).toBe('implicitDeny');
    expect(mostRestrictive(['allowed'])).toBe('allowed');
  });
});
