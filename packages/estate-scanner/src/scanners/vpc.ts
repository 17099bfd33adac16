import type { DiscoveredResource } from '../resource.ts';
import { defineServiceScanner, type TypeActions } from '../service-scanner.ts';
import { internetGateways, natGateways, vpcEndpoints } from './vpc-gateways.ts';
import { type Ec2List, readList } from './ec2-list.ts';
import { routeTables, subnets, vpcs } from './vpc-networks.ts';
import { securityGroups } from './vpc-security-groups.ts';

/** Everything that lives in a VPC, and so in no region that has none. */
const inVpcs: readonly Ec2List[] = [
  subnets,
  securityGroups,
  routeTables,
  natGateways,
  vpcEndpoints,
];
const all: readonly Ec2List[] = [vpcs, internetGateways, ...inVpcs];

const tagging: TypeActions = { onResource: ['ec2:CreateTags'] };

/**
 * VPCs, subnets, security groups, route tables, gateways and endpoints. Seven calls per region, two in a region without a VPC: an
 * internet gateway is the only one of them that exists outside of VPCs.
 */
export const vpcScanner = defineServiceScanner({
  service: 'vpc',
  resourceTypes: all.map(({ type }) => type),
  requiredPermissions: all.map(({ permission }) => permission),
  words: Object.fromEntries(all.map(({ type, words }) => [type, words])),
  actions: {
    'ec2:vpc': tagging,
    'ec2:internet-gateway': tagging,
    'ec2:vpc-endpoint': tagging,
    'ec2:subnet': {
      onResource: ['ec2:ModifySubnetAttribute', 'ec2:DeleteSubnet', 'ec2:CreateTags'],
    },
    'ec2:security-group': {
      onResource: [
        'ec2:AuthorizeSecurityGroupIngress',
        'ec2:AuthorizeSecurityGroupEgress',
        'ec2:RevokeSecurityGroupIngress',
        'ec2:RevokeSecurityGroupEgress',
        'ec2:CreateTags',
      ],
    },
    'ec2:route-table': { onResource: ['ec2:CreateRoute', 'ec2:DeleteRoute', 'ec2:CreateTags'] },
    'ec2:natgateway': { onResource: ['ec2:DeleteNatGateway', 'ec2:CreateTags'] },
  },
  async *scan(context) {
    let hasVpcs = false;
    let knowsVpcs = context.wanted(vpcs.type) === null;
    const counted = async function* (): AsyncGenerator<DiscoveredResource> {
      try {
        for await (const vpc of readList(context, vpcs)) {
          hasVpcs = true;
          yield vpc;
        }
      } catch (error) {
        knowsVpcs = false;
        throw error;
      }
    };
    yield* context.tolerate(counted());
    yield* context.tolerate(readList(context, internetGateways));
    if (knowsVpcs && !hasVpcs) return;
    // Other services wait for the subnets, whose owners they must know.
    yield* context.tolerate(readList(context, subnets));
    const others = inVpcs.filter((list) => list !== subnets);
    // Only now all at once: an endpoint that does not answer was found out with the first list alone.
    yield* context.merge(others.map((list) => context.tolerate(readList(context, list))));
  },
});
