import { ScanError } from '../errors.ts';
import type { IamCaller } from './client.ts';
import { describeFailure, type IamFailure } from './failure.ts';

/** A user, group or role that IAM can simulate, or why there is none. `arn` names the principal either way. */
export interface Principal {
  arn: string;
  partition: string;
  failure: IamFailure | null;
  /** IAM did not tell the path of the role: the ARN may be another one. */
  isGuess?: boolean;
}

const PRINCIPAL_ARN =
  /^arn:(?<partition>aws[a-z-]*):(?<service>iam|sts)::(?<account>\d{12}):(?<kind>user|group|role|assumed-role)\/(?<name>.+)$/u;

/**
 * Where IAM Identity Center puts its roles; behind it comes the region of Identity Center, unless that is us-east-1
 * (https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html).
 */
const SSO_PATH = 'aws-reserved/sso.amazonaws.com/';
const SSO_ROLE = /^AWSReservedSSO_/u;

/** What to do where IAM does not know a role whose path was guessed. */
export const PATH_UNKNOWN =
  'iam:GetRole is denied, so the path of the role is not known: allow it for this role.';

/** The part of a caller's ARN that stays the same from session to session: without the session's name. */
export function roleOf(principalArn: string): string {
  return principalArn.replace(/(:assumed-role\/[^/]+)\/.*$/su, '$1');
}

/**
 * Finds what to simulate for a caller. The ARN of an assumed role leaves out the role's path, so IAM is asked for the
 * role; where that is denied, the role is taken to have no path, one of Identity Center to have that of us-east-1.
 *
 * @throws ScanError `ABORTED`
 */
export async function resolvePrincipal(
  principalArn: string,
  caller: IamCaller,
  signal: AbortSignal | undefined,
): Promise<Principal> {
  const { partition = 'aws', account, kind, name } = PRINCIPAL_ARN.exec(principalArn)?.groups ?? {};
  if (kind === undefined || name === undefined) {
    const message = `${principalArn} is no user, group or role: IAM cannot simulate it`;
    const failure: IamFailure = {
      reason: 'unsupported_principal',
      code: 'UnsupportedPrincipal',
      message,
    };
    return { arn: principalArn, partition, failure };
  }
  if (kind !== 'assumed-role') return { arn: principalArn, partition, failure: null };
  const roleName = name.split('/')[0] ?? name;
  const arn = `arn:${partition}:iam::${account}:role/${roleName}`;
  try {
    const { Role } = await caller.call({
      partition,
      signal,
      send: (client, sdk, abortSignal) =>
        client.send(new sdk.GetRoleCommand({ RoleName: roleName }), { abortSignal }),
    });
    return { arn: Role?.Arn ?? arn, partition, failure: null };
  } catch (error) {
    if (ScanError.is(error)) throw error;
    const failure = describeFailure(error);
    if (failure.reason !== 'denied') return { arn, partition, failure };
    const path = SSO_ROLE.test(roleName) ? SSO_PATH : '';
    const guess = `arn:${partition}:iam::${account}:role/${path}${roleName}`;
    return { arn: guess, partition, failure: null, isGuess: true };
  }
}
