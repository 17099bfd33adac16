import { z } from 'zod';
import { AwsCallError } from './errors.ts';
import type { AwsCli } from './cli.ts';

/** Who the credentials belong to, as AWS tells it. */
export const UserContext = z.object({
  account_id: z.string(),
  /** The names that its owner gave the account: AWS allows one. Null is unknown (denied, or not asked: a refresh does not), `[]` is none. */
  account_aliases: z.array(z.string()).nullable(),
  caller_arn: z.string(),
  type: z.enum(['user', 'role', 'root', 'federated']),
  /** The user's name, or the session's of a role. */
  user_name: z.string().nullable(),
  /** `arn:aws:iam::…:role/NAME` of an assumed role; its path is not in the caller's ARN. */
  role_arn: z.string().nullable(),
  /** When the session ends: of an assumed role, or of credentials that say so. Null where nobody tells: GetCallerIdentity does not. */
  session_expires_at: z.iso.datetime().nullable(),
});
export type UserContext = z.infer<typeof UserContext>;

/** The caller of an account. */
export interface Identity extends UserContext {
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  partition: string;
}

const CallerIdentity = z.object({ Account: z.string(), Arn: z.string() });

/**
 * Asks STS who the caller is: the one call that needs no permission.
 *
 * @throws AwsCallError
 */
export async function callerIdentity(
  cli: Pick<AwsCli, 'call'>,
  region?: string,
): Promise<Identity> {
  const output = await cli.call({
    service: 'sts',
    operation: 'get-caller-identity',
    ...(region !== undefined && { region }),
  });
  const parsed = CallerIdentity.safeParse(output);
  if (!parsed.success) {
    throw new AwsCallError('sts get-caller-identity', {
      kind: 'output',
      code: 'OutputInvalid',
      message: 'STS answered without an account and an ARN',
      scp: false,
    });
  }
  return describeCaller(parsed.data.Account, parsed.data.Arn);
}

/** Reads a caller's ARN: `arn:PARTITION:(iam|sts)::ACCOUNT:(root|user/…|assumed-role/ROLE/SESSION|federated-user/…)`. */
export function describeCaller(account_id: string, caller_arn: string): Identity {
  const [, partition = 'aws', , , , resource = ''] = caller_arn.split(':', 6);
  const [kind = '', ...names] = resource.split('/');
  const base = {
    account_id,
    account_aliases: null,
    caller_arn,
    partition,
    session_expires_at: null,
  };
  switch (kind) {
    case 'root':
      return { ...base, type: 'root', user_name: 'root', role_arn: null };
    case 'assumed-role':
      return {
        ...base,
        type: 'role',
        user_name: names.at(-1) ?? null,
        role_arn: `arn:${partition}:iam::${account_id}:role/${names[0] ?? ''}`,
      };
    case 'federated-user':
      return { ...base, type: 'federated', user_name: names.at(-1) ?? null, role_arn: null };
    default:
      return { ...base, type: 'user', user_name: names.at(-1) ?? null, role_arn: null };
  }
}
