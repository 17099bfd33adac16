import type { FakeEstate } from './fake-estate.ts';
import { awsCall } from './fake-estate.ts';

/** Two accounts besides the caller's own. */
export const production = '210987654321';
export const staging = '310987654321';
export const caller = '123456789012';

/** Runs a CLI call in another account, as a role of it. */
export async function inAccount(
  estate: FakeEstate,
  account: string,
  service: string,
  operation: string,
  parameters: object,
): Promise<unknown> {
  const assumed = await awsCall(
    estate.engine,
    'eu-west-1',
    'sts',
    'assume-role',
    {
      RoleArn: `arn:aws:iam::${account}:role/Test`,
      RoleSessionName: 'test',
    },
    '[reverse(Credentials.AccessKeyId), Credentials.SecretAccessKey, Credentials.SessionToken]',
  );
  const [key, secret, token] = texts(assumed);
  const env = {
    AWS_ACCESS_KEY_ID: key.split('').toReversed().join(''),
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: token,
  };
  return awsCall(estate.engine, 'eu-west-1', service, operation, parameters, undefined, env);
}

function texts(value: unknown): [string, string, string] {
  const [a, b, c] = Array.isArray(value) ? value.map(String) : [];
  return [a ?? '', b ?? '', c ?? ''];
}
