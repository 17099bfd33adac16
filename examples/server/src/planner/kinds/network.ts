import { MANY, awsCli, counted, type Batch, type ResourceKind, type StepDraft } from './kind.ts';
import { tagEc2 } from './ec2-tags.ts';

/** What the networks' kinds differ in. */
interface Flavour {
  types: readonly string[];
  one: string;
  many: string;
  /** First part of an id: `vpc`. */
  prefix: string;
  /** `describe-vpcs`. */
  operation: string;
  /** The option that takes ids. */
  parameter: string;
  /** Rows of a list, JMESPath. */
  rows: string;
}

function kindOf(flavour: Flavour): ResourceKind {
  const read = (batch: Batch, verb: string, projected: boolean): StepDraft => ({
    does: 'look',
    title: `${verb} ${counted(batch.ids.length, flavour)} in ${batch.region}`,
    command: awsCli(
      'ec2',
      flavour.operation,
      batch.region,
      { [flavour.parameter]: batch.ids },
      projected ? { query: flavour.rows, output: 'text' } : {},
    ),
    risk: 'read_only',
  });
  const reading = { permission: null, batchSize: MANY, from: null };
  return {
    types: flavour.types,
    one: flavour.one,
    many: flavour.many,
    idPattern: new RegExp(`^${flavour.prefix}-[0-9a-f]{8,17}$`),
    actions: {
      list: { ...reading, steps: (batch) => [read(batch, 'List', true)] },
      describe: { ...reading, steps: (batch) => [read(batch, 'Describe', false)] },
      tag: tagEc2(flavour),
    },
  };
}

/** VPCs and what is in them. */
export const networkKinds: readonly ResourceKind[] = [
  kindOf({
    types: ['ec2:vpc'],
    one: 'VPC',
    many: 'VPCs',
    prefix: 'vpc',
    operation: 'describe-vpcs',
    parameter: 'vpc-ids',
    rows: 'Vpcs[].[VpcId,State,CidrBlock]',
  }),
  kindOf({
    types: ['ec2:subnet'],
    one: 'subnet',
    many: 'subnets',
    prefix: 'subnet',
    operation: 'describe-subnets',
    parameter: 'subnet-ids',
    rows: 'Subnets[].[SubnetId,State,CidrBlock,AvailabilityZone]',
  }),
  kindOf({
    types: ['ec2:security-group'],
    one: 'security group',
    many: 'security groups',
    prefix: 'sg',
    operation: 'describe-security-groups',
    parameter: 'group-ids',
    rows: 'SecurityGroups[].[GroupId,GroupName,VpcId]',
  }),
  kindOf({
    types: ['ec2:route-table'],
    one: 'route table',
    many: 'route tables',
    prefix: 'rtb',
    operation: 'describe-route-tables',
    parameter: 'route-table-ids',
    rows: 'RouteTables[].[RouteTableId,VpcId]',
  }),
  kindOf({
    types: ['ec2:natgateway', 'ec2:nat-gateway'],
    one: 'NAT gateway',
    many: 'NAT gateways',
    prefix: 'nat',
    operation: 'describe-nat-gateways',
    parameter: 'nat-gateway-ids',
    rows: 'NatGateways[].[NatGatewayId,State,VpcId]',
  }),
  kindOf({
    types: ['ec2:internet-gateway'],
    one: 'internet gateway',
    many: 'internet gateways',
    prefix: 'igw',
    operation: 'describe-internet-gateways',
    parameter: 'internet-gateway-ids',
    rows: 'InternetGateways[].[InternetGatewayId,Attachments[0].VpcId]',
  }),
  kindOf({
    types: ['ec2:vpc-endpoint'],
    one: 'VPC endpoint',
    many: 'VPC endpoints',
    prefix: 'vpce',
    operation: 'describe-vpc-endpoints',
    parameter: 'vpc-endpoint-ids',
    rows: 'VpcEndpoints[].[VpcEndpointId,State,ServiceName]',
  }),
];
