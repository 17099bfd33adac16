import type { DiscoveredResource } from '../resource.ts';
import { defineServiceScanner, type ScanContext, type TypeActions } from '../service-scanner.ts';
import { internetGateways, natGateways, vpcEndpoints } from './vpc-gateways.ts';
import type { NetworkList } from './vpc-list.ts';
import { routeTables, subnets, vpcs } from './vpc-networks.ts';
import { securityGroups } from './vpc-security-groups.ts';
import { filterCalls } from './wanted.ts';

/** Everything that lives in a VPC, and so in no region that has none. */
const inVpcs: readonly NetworkList[] = [
  subnets,
  securityGroups,
  routeTables,
  natGateways,
  vpcEndpoints,
];
const all: readonly NetworkList[] = [vpcs, internetGateways, ...inVpcs];

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
        for await (const vpc of read(context, vpcs)) {
          hasVpcs = true;
          yield vpc;
        }
      } catch (error) {
        knowsVpcs = false;
        throw error;
      }
    };
    yield* context.tolerate(counted());
    yield* context.tolerate(read(context, internetGateways));
    if (knowsVpcs && !hasVpcs) return;
    for (const list of inVpcs) yield* context.tolerate(read(context, list));
  },
});

async function* read(context: ScanContext, list: NetworkList): AsyncGenerator<DiscoveredResource> {
  for (const call of filterCalls(context.wanted(list.type), list.idFilter)) {
    const items = context.list('ec2', list.operation, {
      ...call,
      query: list.query,
      pageSize: list.pageSize,
    });
    for await (const item of items) yield list.toResource(item, context);
  }
}
