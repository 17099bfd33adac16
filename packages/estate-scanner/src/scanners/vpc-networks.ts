import { z } from 'zod';
import { Flag, Names, TagList, Text, arnEdges, edges } from './projection.ts';
import { ec2Resource, type Ec2List } from './ec2-list.ts';

const Vpc = z.object({
  id: z.string(),
  owner: Text,
  state: Text,
  tags: TagList,
  cidr: Text,
  is_default: Flag,
});

export const vpcs: Ec2List = {
  type: 'ec2:vpc',
  words: 'VPC, virtual private network',
  operation: 'describe-vpcs',
  permission: 'ec2:DescribeVpcs',
  idFilter: 'vpc-id',
  pageSize: 1000,
  query:
    'Vpcs[].{id: VpcId, owner: OwnerId, state: State, tags: Tags, cidr: CidrBlock, is_default: IsDefault}',
  toResource(item, context) {
    const vpc = Vpc.parse(item);
    return ec2Resource(context, vpcs.type, vpc, {
      attributes: { cidr_block: vpc.cidr, is_default: vpc.is_default },
      relations: [],
      search_words: [vpc.is_default === true ? 'default VPC' : ''],
    });
  },
};

const Subnet = z.object({
  id: z.string(),
  owner: Text,
  arn: Text,
  state: Text,
  tags: TagList,
  vpc: Text,
  cidr: Text,
  zone: Text,
  public_ips: Flag,
  is_default: Flag,
});

export const subnets: Ec2List = {
  type: 'ec2:subnet',
  words: 'subnet, network range',
  operation: 'describe-subnets',
  permission: 'ec2:DescribeSubnets',
  idFilter: 'subnet-id',
  pageSize: 1000,
  // The number of free addresses stays out: it would change the resource with every instance.
  query: `Subnets[].{id: SubnetId, owner: OwnerId, arn: SubnetArn, state: State, tags: Tags, vpc: VpcId,
    cidr: CidrBlock, zone: AvailabilityZone, public_ips: MapPublicIpOnLaunch, is_default: DefaultForAz}`,
  toResource(item, context) {
    const subnet = Subnet.parse(item);
    return ec2Resource(context, subnets.type, subnet, {
      attributes: {
        vpc_id: subnet.vpc,
        cidr_block: subnet.cidr,
        availability_zone: subnet.zone,
        assigns_public_ips: subnet.public_ips,
        is_default: subnet.is_default,
      },
      relations: edges('in_vpc', 'ec2:vpc', [subnet.vpc]),
      search_words: [subnet.public_ips === true ? 'public subnet' : ''],
    });
  },
};

const RouteTable = z.object({
  id: z.string(),
  owner: Text,
  tags: TagList,
  vpc: Text,
  main: z.array(z.boolean().nullable()).nullish(),
  subnets: Names,
  routes: z
    .array(z.object({ to: Text, to_v6: Text, to_list: Text, state: Text, target: Text }))
    .nullish()
    .transform((routes) => routes ?? []),
});

export const routeTables: Ec2List = {
  type: 'ec2:route-table',
  words: 'route table, network routes',
  operation: 'describe-route-tables',
  permission: 'ec2:DescribeRouteTables',
  idFilter: 'route-table-id',
  pageSize: 100,
  query: `RouteTables[].{id: RouteTableId, owner: OwnerId, tags: Tags, vpc: VpcId, main: Associations[].Main,
    subnets: Associations[].SubnetId, routes: Routes[].{to: DestinationCidrBlock, to_v6: DestinationIpv6CidrBlock,
    to_list: DestinationPrefixListId, state: State, target: GatewayId || NatGatewayId || TransitGatewayId ||
    VpcPeeringConnectionId || NetworkInterfaceId || InstanceId || EgressOnlyInternetGatewayId || LocalGatewayId ||
    CarrierGatewayId || CoreNetworkArn}}`,
  toResource(item, context) {
    const table = RouteTable.parse(item);
    const targets = table.routes.map(({ target }) => target).filter((target) => target !== 'local');
    const unique = [...new Set(targets)];
    return ec2Resource(context, routeTables.type, table, {
      attributes: {
        vpc_id: table.vpc,
        is_main: (table.main ?? []).includes(true),
        subnet_ids: table.subnets,
        routes: table.routes
          .map(
            ({ to, to_v6, to_list, state, target }) =>
              `${to ?? to_v6 ?? to_list ?? '?'} via ${target ?? '?'}${state === 'blackhole' ? ' (blackhole)' : ''}`,
          )
          .sort(),
      },
      relations: [
        ...edges('in_vpc', 'ec2:vpc', [table.vpc]),
        ...edges('routes_for', 'ec2:subnet', table.subnets),
        ...unique.flatMap((target) => routeTarget(target)),
      ],
      search_words: [
        unique.some((target) => target?.startsWith('igw-')) ? 'routes to the internet' : '',
      ],
    });
  },
};

/** The resource that an id's prefix stands for; other ids stay as they are. */
const targetTypes: Readonly<Record<string, string>> = {
  igw: 'ec2:internet-gateway',
  nat: 'ec2:natgateway',
  vpce: 'ec2:vpc-endpoint',
  i: 'ec2:instance',
  eni: 'ec2:network-interface',
  tgw: 'ec2:transit-gateway',
  pcx: 'ec2:vpc-peering-connection',
};

function routeTarget(target: string | null) {
  const type = targetTypes[target?.split('-')[0] ?? ''];
  return type === undefined ? arnEdges('routes_to', [target]) : edges('routes_to', type, [target]);
}
