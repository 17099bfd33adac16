import { type QueryParameters, query } from '../moto/api.ts';
import type { MotoClient } from '../moto/client.ts';
import { elementText, elementTexts } from '../moto/xml.ts';
import { FakeAwsError } from '../errors.ts';
import type { Environment, Tag } from './company.ts';

/** A VPC with what the workloads in it refer to. */
export interface Network {
  environment: Environment;
  vpcId: string;
  publicSubnets: readonly string[];
  privateSubnets: readonly string[];
  dataSubnets: readonly string[];
  securityGroups: Readonly<Record<SecurityGroupRole, string>>;
}

/** The tiers that have a security group of their own in each VPC. */
export type SecurityGroupRole = 'alb' | 'web' | 'app' | 'data' | 'bastion';

type Ec2 = (action: string, parameters?: QueryParameters) => Promise<string>;

/** Who may reach whom: target tier, port, source tier or address block. */
const openings: readonly (readonly [SecurityGroupRole, number, string])[] = [
  ['alb', 443, '0.0.0.0/0'],
  ['web', 8080, 'alb'],
  ['app', 8443, 'web'],
  ['data', 5432, 'app'],
  ['bastion', 22, '10.0.0.0/8'],
  ['web', 22, 'bastion'],
  ['app', 22, 'bastion'],
];

/** Deletes the VPC that every region has from the beginning, with its subnets, as a company's baseline does. */
export async function deleteDefaultVpc(moto: MotoClient, region: string): Promise<void> {
  const ec2: Ec2 = (action, parameters) => query(moto, 'ec2', region, action, parameters);
  const isDefault = { Filter: [{ Name: 'is-default', Value: ['true'] }] };
  const vpcId = elementText(await ec2('DescribeVpcs', isDefault), 'vpcId');
  if (vpcId === null) return;
  const inVpc = { Filter: [{ Name: 'vpc-id', Value: [vpcId] }] };
  for (const SubnetId of elementTexts(await ec2('DescribeSubnets', inVpc), 'subnetId')) {
    await ec2('DeleteSubnet', { SubnetId });
  }
  await ec2('DeleteVpc', { VpcId: vpcId });
}

/** Makes one VPC: 19 resources, as `resourcesPerVpc` says. */
export async function createNetwork(
  moto: MotoClient,
  region: string,
  index: number,
  environment: Environment,
): Promise<Network> {
  const ec2: Ec2 = (action, parameters) => query(moto, 'ec2', region, action, parameters);
  const name = `${environment}-${region}${index < 3 ? '' : `-${index}`}`;
  const tagged = (type: string, suffix: string) => ({
    TagSpecification: [{ ResourceType: type, Tag: networkTags(`${name}-${suffix}`, environment) }],
  });
  const block = `10.${index}`;
  const vpcId = only(
    await ec2('CreateVpc', { CidrBlock: `${block}.0.0/16`, ...tagged('vpc', 'vpc') }),
    'vpcId',
  );

  const subnet = async (tier: string, zone: 'a' | 'b', third: number) =>
    only(
      await ec2('CreateSubnet', {
        VpcId: vpcId,
        CidrBlock: `${block}.${third}.0/20`,
        AvailabilityZone: `${region}${zone}`,
        ...tagged('subnet', `${tier}-${zone}`),
      }),
      'subnetId',
    );
  const publicSubnets = [await subnet('public', 'a', 0), await subnet('public', 'b', 16)];
  const privateSubnets = [await subnet('private', 'a', 32), await subnet('private', 'b', 48)];
  const dataSubnets = [await subnet('data', 'a', 64), await subnet('data', 'b', 80)];

  const gatewayId = only(
    await ec2('CreateInternetGateway', tagged('internet-gateway', 'igw')),
    'internetGatewayId',
  );
  await ec2('AttachInternetGateway', { InternetGatewayId: gatewayId, VpcId: vpcId });
  const natId = only(
    await ec2('CreateNatGateway', {
      SubnetId: publicSubnets[0],
      AllocationId: only(await ec2('AllocateAddress', { Domain: 'vpc' }), 'allocationId'),
      ...tagged('natgateway', 'nat'),
    }),
    'natGatewayId',
  );

  const routeTable = async (tier: string, subnets: readonly string[], target: QueryParameters) => {
    const tags = tagged('route-table', tier);
    const id = only(await ec2('CreateRouteTable', { VpcId: vpcId, ...tags }), 'routeTableId');
    await ec2('CreateRoute', { RouteTableId: id, DestinationCidrBlock: '0.0.0.0/0', ...target });
    for (const SubnetId of subnets)
      await ec2('AssociateRouteTable', { RouteTableId: id, SubnetId });
    return id;
  };
  await routeTable('public', publicSubnets, { GatewayId: gatewayId });
  const inner = [...privateSubnets, ...dataSubnets];
  const privateTable = await routeTable('private', inner, { NatGatewayId: natId });
  await ec2('CreateVpcEndpoint', {
    VpcId: vpcId,
    ServiceName: `com.amazonaws.${region}.s3`,
    VpcEndpointType: 'Gateway',
    RouteTableId: [privateTable],
    ...tagged('vpc-endpoint', 's3'),
  });
  const securityGroups = await createSecurityGroups(ec2, vpcId, name, environment);
  return { environment, vpcId, publicSubnets, privateSubnets, dataSubnets, securityGroups };
}

async function createSecurityGroups(
  ec2: Ec2,
  vpcId: string,
  name: string,
  environment: Environment,
): Promise<Record<SecurityGroupRole, string>> {
  const create = async (role: SecurityGroupRole) =>
    only(
      await ec2('CreateSecurityGroup', {
        VpcId: vpcId,
        GroupName: `${name}-${role}`,
        GroupDescription: `${role} tier of ${name}`,
        TagSpecification: [
          { ResourceType: 'security-group', Tag: networkTags(`${name}-${role}`, environment) },
        ],
      }),
      'groupId',
    );
  const groups: Record<SecurityGroupRole, string> = {
    alb: await create('alb'),
    web: await create('web'),
    app: await create('app'),
    data: await create('data'),
    bastion: await create('bastion'),
  };
  for (const [role, port, source] of openings) {
    const group = Object.entries(groups).find(([other]) => other === source)?.[1];
    await ec2('AuthorizeSecurityGroupIngress', {
      GroupId: groups[role],
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: port,
          ToPort: port,
          ...(group === undefined
            ? { IpRanges: [{ CidrIp: source }] }
            : { UserIdGroupPairs: [{ GroupId: group }] }),
        },
      ],
    });
  }
  return groups;
}

function networkTags(name: string, environment: Environment): Tag[] {
  return [
    { Key: 'Name', Value: name },
    { Key: 'Environment', Value: environment },
    { Key: 'Team', Value: 'platform' },
    { Key: 'CostCenter', Value: 'CC-3000' },
  ];
}

function only(xml: string, element: string): string {
  const text = elementText(xml, element);
  if (text === null) throw new FakeAwsError('SEED_FAILED', `no ${element} in ${xml.slice(0, 300)}`);
  return text;
}
