import { query } from '../moto/api.ts';
import type { MotoClient } from '../moto/client.ts';
import { elementText } from '../moto/xml.ts';
import { FakeAwsError } from '../errors.ts';
import { operatorPolicies } from './operator-policies.ts';

/** An access key that moto knows. */
export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
}

/** The user whose key is in `env`. */
export const operatorName = 'cloudops-operator';
const groupName = 'platform-operators';

/**
 * Makes the caller: user `cloudops-operator`, member of `platform-operators`, whose policies allow day-to-day work and deny what a
 * careful company denies (see `operator-policies.ts`).
 */
export async function createIdentities(moto: MotoClient): Promise<AccessKey> {
  const iam = (action: string, parameters: Record<string, string>) =>
    query(moto, 'iam', 'us-east-1', action, parameters);
  await iam('CreateUser', { UserName: operatorName });
  await iam('CreateGroup', { GroupName: groupName });
  await iam('AddUserToGroup', { GroupName: groupName, UserName: operatorName });
  for (const [name, document] of Object.entries(operatorPolicies)) {
    const created = await iam('CreatePolicy', {
      PolicyName: name,
      PolicyDocument: JSON.stringify(document),
    });
    const arn = elementText(created, 'Arn') ?? '';
    await iam('AttachGroupPolicy', { GroupName: groupName, PolicyArn: arn });
  }
  const key = await iam('CreateAccessKey', { UserName: operatorName });
  const accessKeyId = elementText(key, 'AccessKeyId');
  const secretAccessKey = elementText(key, 'SecretAccessKey');
  if (accessKeyId === null || secretAccessKey === null) {
    throw new FakeAwsError('SEED_FAILED', 'moto made no access key for the operator');
  }
  return { accessKeyId, secretAccessKey };
}
