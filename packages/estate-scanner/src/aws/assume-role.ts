import { z } from 'zod';
import type { AccountReference } from '../account.ts';
import type { AwsCli } from './cli.ts';
import type { AwsCredentials } from './credentials.ts';
import { AwsCallError } from './errors.ts';

const SESSION_NAME = 'cloudops-estate-scanner';

/**
 * The engine masks what looks like AWS keys in everything that a command prints, and here they are wanted: so the CLI writes them
 * backwards. They are registered as secrets before anything is run with them.
 */
const QUERY =
  '[reverse(Credentials.AccessKeyId), reverse(Credentials.SecretAccessKey), reverse(Credentials.SessionToken), Credentials.Expiration]';
const Answer = z.tuple([z.string().min(1), z.string().min(1), z.string().min(1), z.string()]);

/**
 * Assumes a role.
 *
 * @param cli with the credentials that may assume it
 * @throws AwsCallError: `denied` where its trust policy refuses, also where that asks for MFA or another external id
 */
export async function assumeRole(
  cli: Pick<AwsCli, 'call'>,
  role: AccountReference & { role_arn: string },
  region: string | undefined,
): Promise<AwsCredentials> {
  const output = await cli.call({
    service: 'sts',
    operation: 'assume-role',
    parameters: {
      RoleArn: role.role_arn,
      RoleSessionName: role.session_name ?? SESSION_NAME,
      ...(role.external_id !== undefined && { ExternalId: role.external_id }),
      ...(role.duration_seconds !== undefined && { DurationSeconds: role.duration_seconds }),
    },
    query: QUERY,
    ...(region !== undefined && { region }),
  });
  const parsed = Answer.safeParse(output);
  const expiration = new Date(parsed.data?.[3] ?? Number.NaN);
  if (!parsed.success || Number.isNaN(expiration.getTime())) {
    throw new AwsCallError('sts assume-role', {
      kind: 'output',
      code: 'OutputInvalid',
      message: 'STS answered without credentials',
      scp: false,
    });
  }
  const [accessKeyId, secretAccessKey, sessionToken] = parsed.data;
  return {
    accessKeyId: backwards(accessKeyId),
    secretAccessKey: backwards(secretAccessKey),
    sessionToken: backwards(sessionToken),
    expiration,
  };
}

/** Keys are ASCII. */
function backwards(text: string): string {
  return text.split('').toReversed().join('');
}
