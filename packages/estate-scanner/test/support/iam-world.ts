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
import { startFakeAws, type FakeAws } from 'cloudops-fake-aws';
import type { IamOptions } from '../../src/iam/options.ts';
import type { PermissionRequest } from '../../src/ports.ts';

export const account = '123456789012';
export const alice = `arn:aws:iam::${account}:user/staff/alice`;
export const deployer = `arn:aws:iam::${account}:role/teams/web/deployer`;
/** As IAM Identity Center makes it. */
export const ssoRole = 'AWSReservedSSO_Operator_0123456789abcdef';
export const simulations = 'iam:SimulatePrincipalPolicy';
export const instanceActions = [
  'ec2:StartInstances',
  'ec2:StopInstances',
  'ec2:TerminateInstances',
];

/** A statement of a policy. */
export function statement(
  Effect: 'Allow' | 'Deny',
  Action: string[],
  Resource: string,
  Condition?: object,
) {
  return { Effect, Action, Resource, ...(Condition && { Condition }) };
}

/** A policy document. */
export function policy(...Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

export function instance(id: string): PermissionRequest {
  const arn = `arn:aws:ec2:eu-west-1:${account}:instance/${id}`;
  return { resource_type: 'ec2:instance', arn, actions: instanceActions };
}

/** One batch each: resources of one type go together. */
export function ofManyTypes(count: number): PermissionRequest[] {
  return Array.from({ length: count }, (_, i) =>
    Object.assign(instance(`i-${i}`), { resource_type: `ec2:type-${i}` }),
  );
}

/** A fake AWS whose IAM holds users, a group and roles with policies, and the options of an evaluator that asks it. */
export async function startIamWorld(): Promise<{ aws: FakeAws; options: IamOptions }> {
  const aws = await startFakeAws();
  const credentials = {
    accessKeyId: aws.env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY ?? '',
  };
  const options: IamOptions = {
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
  await iam.send(
    new CreateRoleCommand({
      RoleName: ssoRole,
      Path: '/aws-reserved/sso.amazonaws.com/',
      AssumeRolePolicyDocument: policy(trust),
    }),
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
  return { aws, options };
}
