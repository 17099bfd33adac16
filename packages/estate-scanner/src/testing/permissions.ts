import type { CallName } from './recording.ts';

/** Calls whose action in IAM has another name (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html). */
const actionsByCall: Readonly<Record<CallName, string>> = {
  's3api list-buckets': 's3:ListAllMyBuckets',
  's3api head-bucket': 's3:ListBucket',
  's3api get-bucket-encryption': 's3:GetEncryptionConfiguration',
  's3api get-public-access-block': 's3:GetBucketPublicAccessBlock',
};

/**
 * The calls that no required permission covers. An action has the name of its operation; that of the service differs too often
 * (`elbv2`, `efs`, `resourcegroupstaggingapi`) to be compared.
 *
 * @param exceptions the actions of calls that are named otherwise
 */
export function uncoveredCalls(
  calls: readonly CallName[],
  requiredPermissions: readonly string[],
  exceptions: Readonly<Record<CallName, string>> = {},
): CallName[] {
  const required = new Set(requiredPermissions);
  const names = new Set(requiredPermissions.map((action) => action.split(':')[1]?.toLowerCase()));
  return calls.filter((call) => {
    const named = exceptions[call] ?? actionsByCall[call];
    if (named !== undefined) return !required.has(named);
    return !names.has((call.split(' ')[1] ?? '').replaceAll('-', ''));
  });
}
