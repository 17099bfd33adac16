import { ScanError } from '../errors.ts';
import type { IamCaller } from './client.ts';
import { describeFailure, type IamFailure } from './failure.ts';

/** A user, group or role that IAM can simulate, or why there is none. `arn` names the principal either way. */
export interface Principal {
  arn: string;
  partition: string;
  failure: IamFailure | null;
}

const PRINCIPAL_ARN =
  /^arn:(?<partition>aws[a-z-]*):(?<service>iam|sts)::(?<account>\d{12}):(?<kind>user|group|role|assumed-role)\/(?<name>.+)$/u;

/** The part of a caller's ARN that stays the same from session to session: without the session's name. */
export function roleOf(principalArn: string): string {
  return principalArn.replace(/(:assumed-role\/[^/]+)\/.*$/su, '$1');
}

/**
 * Finds what to simulate for a caller. The ARN of an assumed role leaves out the role's path, so IAM is asked for the
 * role; where that is denied, the role is taken to have no path.
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
    return { arn, partition, failure: failure.reason === 'denied' ? null : failure };
  }
}
