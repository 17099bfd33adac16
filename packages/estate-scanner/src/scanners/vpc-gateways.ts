import { z } from 'zod';
import { Names, TagList, Text, Time, arnEdges, edges } from './projection.ts';
import { ec2Resource, type Ec2List } from './ec2-list.ts';

const NatGateway = z.object({
  id: z.string(),
  state: Text,
  tags: TagList,
  vpc: Text,
  subnet: Text,
  connectivity: Text,
  public_ips: Names,
  created: Time,
});

export const natGateways: Ec2List = {
  type: 'ec2:natgateway',
  words: 'NAT gateway, outbound internet access',
  operation: 'describe-nat-gateways',
  permission: 'ec2:DescribeNatGateways',
  idFilter: 'nat-gateway-id',
  pageSize: 1000,
  query: `NatGateways[].{id: NatGatewayId, state: State, tags: Tags, vpc: VpcId, subnet: SubnetId,
    connectivity: ConnectivityType, public_ips: NatGatewayAddresses[].PublicIp, created: CreateTime}`,
  toResource(item, context) {
    const gateway = NatGateway.parse(item);
    return ec2Resource(
      context,
      natGateways.type,
      { ...gateway, owner: null },
      {
        created_at: gateway.created,
        attributes: {
          vpc_id: gateway.vpc,
          subnet_id: gateway.subnet,
          connectivity: gateway.connectivity,
          public_ips: gateway.public_ips,
        },
        relations: [
          ...edges('in_vpc', 'ec2:vpc', [gateway.vpc]),
          ...edges('in_subnet', 'ec2:subnet', [gateway.subnet]),
          ...arnEdges('has_address', gateway.public_ips),
        ],
        search_words: [],
      },
    );
  },
};

const InternetGateway = z.object({
  id: z.string(),
  owner: Text,
  tags: TagList,
  vpcs: Names,
  states: Names,
});

export const internetGateways: Ec2List = {
  type: 'ec2:internet-gateway',
  words: 'internet gateway',
  operation: 'describe-internet-gateways',
  permission: 'ec2:DescribeInternetGateways',
  idFilter: 'internet-gateway-id',
  pageSize: 1000,
  query: `InternetGateways[].{id: InternetGatewayId, owner: OwnerId, tags: Tags, vpcs: Attachments[].VpcId,
    states: Attachments[].State}`,
  toResource(item, context) {
    const gateway = InternetGateway.parse(item);
    const state = gateway.states[0] ?? 'detached';
    return ec2Resource(
      context,
      internetGateways.type,
      { ...gateway, state },
      {
        attributes: { vpc_ids: gateway.vpcs },
        relations: edges('attached_to', 'ec2:vpc', gateway.vpcs),
        search_words: [],
      },
    );
  },
};

const VpcEndpoint = z.object({
  id: z.string(),
  owner: Text,
  state: Text,
  tags: TagList,
  kind: Text,
  service: Text,
  vpc: Text,
  subnets: Names,
  tables: Names,
  groups: Names,
  created: Time,
});

export const vpcEndpoints: Ec2List = {
  type: 'ec2:vpc-endpoint',
  words: 'VPC endpoint, private access to a service',
  operation: 'describe-vpc-endpoints',
  permission: 'ec2:DescribeVpcEndpoints',
  idFilter: 'vpc-endpoint-id',
  pageSize: 1000,
  query: `VpcEndpoints[].{id: VpcEndpointId, owner: OwnerId, state: State, tags: Tags, kind: VpcEndpointType,
    service: ServiceName, vpc: VpcId, subnets: SubnetIds, tables: RouteTableIds, groups: Groups[].GroupId,
    created: CreationTimestamp}`,
  toResource(item, context) {
    const endpoint = VpcEndpoint.parse(item);
    return ec2Resource(context, vpcEndpoints.type, endpoint, {
      created_at: endpoint.created,
      attributes: {
        vpc_id: endpoint.vpc,
        endpoint_type: endpoint.kind,
        service_name: endpoint.service,
        subnet_ids: endpoint.subnets,
        route_table_ids: endpoint.tables,
        security_group_ids: endpoint.groups,
      },
      relations: [
        ...edges('in_vpc', 'ec2:vpc', [endpoint.vpc]),
        ...edges('in_subnet', 'ec2:subnet', endpoint.subnets),
        ...edges('in_route_table', 'ec2:route-table', endpoint.tables),
        ...edges('uses_security_group', 'ec2:security-group', endpoint.groups),
      ],
      search_words: [endpoint.service?.split('.').slice(3).join(' ') ?? ''],
    });
  },
};
