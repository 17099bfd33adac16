import type { DiscoveredResource, Resource } from '../../src/resource.ts';
import { toResource } from '../../src/scan/to-resource.ts';
import { vpcScanner } from '../../src/scanners/vpc.ts';

export const scope = { account_id: '123456789012', region: 'eu-west-1', service: 'vpc' };

/** A VPC as the VPC scanner would have found it. */
export function vpcResource(changes: Partial<DiscoveredResource> = {}): Resource {
  const discovered: DiscoveredResource = {
    resource_type: 'ec2:vpc',
    id: 'vpc-1',
    arn: 'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1',
    name: 'main',
    state: 'available',
    tags: {},
    attributes: { is_default: false },
    relations: [{ type: 'peers_with', resource_type: 'ec2:vpc', id: 'vpc-2' }],
    ...changes,
  };
  return toResource(discovered, {
    scope,
    scanner: vpcScanner,
    scanId: 'scan',
    seenAt: '2026-01-01T00:00:00.000Z',
  });
}
