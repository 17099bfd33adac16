import type { ServiceScannerRegistry } from './registry.ts';

/** An IAM policy document. */
export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: { Sid: string; Effect: 'Allow'; Action: string[]; Resource: '*' }[];
}

/** What {@link leastPrivilegePolicy} goes by. */
export interface PolicyOptions {
  /** Service names, as in `scan({ services })`. Default: all in the registry. */
  services?: readonly string[];
  /** Whether the scanner asks IAM what the caller may do. Default true; `iam: false` scanners need it not. */
  permissions?: boolean;
}

/**
 * The least that a principal must be allowed so that a scan is complete. Who the caller is (STS) needs no permission; the lists that a
 * scan makes are of the whole account, so IAM takes no resource for them.
 *
 * @throws ScanError `UNKNOWN_SERVICE`
 */
export function leastPrivilegePolicy(
  registry: ServiceScannerRegistry,
  { services, permissions = true }: PolicyOptions = {},
): PolicyDocument {
  const scanners = services?.map((service) => registry.get(service)) ?? registry.list();
  const regional = scanners.some(({ scope }) => scope === 'regional');
  const discover = new Set([
    ...scanners.flatMap(({ requiredPermissions }) => requiredPermissions),
    ...(regional ? ['ec2:DescribeRegions'] : []),
    'iam:ListAccountAliases',
  ]);
  const ask = ['iam:GetRole', 'iam:SimulatePrincipalPolicy'];
  return {
    Version: '2012-10-17',
    Statement: [
      allow('Discover', [...discover].sort()),
      ...(permissions ? [allow('AskWhatTheCallerMayDo', ask)] : []),
    ],
  };
}

function allow(Sid: string, Action: string[]): PolicyDocument['Statement'][number] {
  return { Sid, Effect: 'Allow', Action, Resource: '*' };
}
