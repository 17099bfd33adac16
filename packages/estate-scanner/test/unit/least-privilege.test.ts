import { describe, expect, it } from 'vitest';
import { leastPrivilegePolicy } from '../../src/least-privilege.ts';
import { iamScanner } from '../../src/more-scanners.ts';
import { ServiceScannerRegistry } from '../../src/registry.ts';

describe('leastPrivilegePolicy', () => {
  it('allows what the chosen scanners call, each action once, and to ask IAM', () => {
    const policy = leastPrivilegePolicy(ServiceScannerRegistry.builtIn(), { services: ['lambda'] });
    expect(policy).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Discover',
          Effect: 'Allow',
          Action: [
            'ec2:DescribeRegions',
            'iam:ListAccountAliases',
            'lambda:GetEventSourceMapping',
            'lambda:GetFunction',
            'lambda:ListAliases',
            'lambda:ListEventSourceMappings',
            'lambda:ListFunctions',
            'lambda:ListVersionsByFunction',
            'tag:GetResources',
          ],
          Resource: '*',
        },
        {
          Sid: 'AskWhatTheCallerMayDo',
          Effect: 'Allow',
          Action: ['iam:GetRole', 'iam:SimulatePrincipalPolicy'],
          Resource: '*',
        },
      ],
    });
  });

  it('allows nothing that a scan without regions and without permissions does not need', () => {
    const registry = new ServiceScannerRegistry().register(iamScanner);
    const { Statement } = leastPrivilegePolicy(registry, { permissions: false });
    expect(Statement.map(({ Action }) => Action)).toEqual([
      ['iam:ListAccountAliases', 'iam:ListRoles'],
    ]);
  });

  it('fits into one managed policy, and names an unknown service', () => {
    const registry = ServiceScannerRegistry.builtIn();
    // A managed policy takes 6,144 characters (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
    expect(JSON.stringify(leastPrivilegePolicy(registry)).length).toBeLessThan(6144);
    expect(() => leastPrivilegePolicy(registry, { services: ['nope'] })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_SERVICE' }),
    );
  });
});
