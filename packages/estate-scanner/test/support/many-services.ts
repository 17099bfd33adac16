import type { FakeEstate } from './fake-estate.ts';
import { awsCall } from './fake-estate.ts';

/** What no resource may hold. */
export const secretValue = 'hunter2';

const tagged = [{ Key: 'team', Value: 'payments' }];
const kmsTags = [{ TagKey: 'team', TagValue: 'payments' }];

const Resources = {
  Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'orders', Tags: tagged } },
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'carts',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      Tags: tagged,
    },
  },
  Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ClusterName: 'web' } },
  Task: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      Family: 'shop',
      ContainerDefinitions: [{ Name: 'shop', Image: 'shop', Memory: 128 }],
    },
  },
  Service: {
    Type: 'AWS::ECS::Service',
    Properties: {
      ServiceName: 'shop',
      Cluster: { Ref: 'Cluster' },
      TaskDefinition: { Ref: 'Task' },
      DesiredCount: 2,
    },
  },
  Images: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'shop' } },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'shop-role',
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
    },
  },
  Zone: { Type: 'AWS::Route53::HostedZone', Properties: { Name: 'shop.example' } },
};

/** Creates one thing of every further service: most of them as one CloudFormation stack, which is one of them itself. */
export async function createManyServices({ engine }: FakeEstate, region: string): Promise<void> {
  const call = (service: string, operation: string, parameters: object) =>
    awsCall(engine, region, service, operation, parameters);
  const subnet = `${region}a`;
  await Promise.all([
    call('cloudformation', 'create-stack', {
      StackName: 'shop',
      TemplateBody: JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', Resources }),
    }),
    call('eks', 'create-cluster', {
      name: 'platform',
      roleArn: 'arn:aws:iam::123456789012:role/eks',
      resourcesVpcConfig: { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] },
      tags: { team: 'platform' },
    }),
    // Of these moto makes nothing, or something that it cannot describe, when they come in a stack.
    call('kms', 'create-key', { Description: 'payments key', Tags: kmsTags }),
    call('secretsmanager', 'create-secret', {
      Name: 'db-password',
      SecretString: secretValue,
      Tags: tagged,
    }),
    call('cloudwatch', 'put-metric-alarm', {
      AlarmName: 'errors',
      AlarmDescription: 'too many errors',
      MetricName: 'Errors',
      Namespace: 'AWS/Lambda',
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      Period: 60,
      Statistic: 'Sum',
      Threshold: 5,
      AlarmActions: [`arn:aws:sns:${region}:123456789012:alerts`],
    }),
    call('elasticache', 'create-cache-cluster', {
      CacheClusterId: 'sessions',
      Engine: 'redis',
      CacheNodeType: 'cache.t4g.small',
      NumCacheNodes: 1,
    }),
    call('autoscaling', 'create-launch-configuration', {
      LaunchConfigurationName: 'web',
      ImageId: 'ami-12c6146b',
      InstanceType: 't3.small',
    }).then(() =>
      call('autoscaling', 'create-auto-scaling-group', {
        AutoScalingGroupName: 'web',
        LaunchConfigurationName: 'web',
        MinSize: 0,
        MaxSize: 3,
        DesiredCapacity: 0,
        AvailabilityZones: [subnet],
        Tags: [{ Key: 'team', Value: 'web', PropagateAtLaunch: false }],
      }),
    ),
    call('ec2', 'create-key-pair', { KeyName: 'operators' }),
    call('ec2', 'create-launch-template', {
      LaunchTemplateName: 'web',
      // User data of a launch template is where passwords end up.
      LaunchTemplateData: {
        InstanceType: 't3.small',
        UserData: Buffer.from(secretValue).toString('base64'),
      },
    }),
    call('ec2', 'create-volume', { AvailabilityZone: subnet, Size: 1 }).then((volume) =>
      call('ec2', 'create-snapshot', { VolumeId: fieldOf(volume, 'VolumeId') }),
    ),
    call('ec2', 'allocate-address', { Domain: 'vpc' }),
    call('lambda', 'publish-layer-version', {
      LayerName: 'shared-code',
      Description: 'what all functions need',
      CompatibleRuntimes: ['nodejs22.x'],
      Content: { ZipFile: emptyZip },
    }),
    orphanedSnapshots(call, subnet),
    firstSubnets(call).then((Subnets) =>
      call('elbv2', 'create-load-balancer', { Name: 'front', Subnets, Scheme: 'internet-facing' }),
    ),
  ]);
}

/** The end of a ZIP file without anything in it. */
const emptyZip = Buffer.from(`PK\u0005\u0006${'\0'.repeat(18)}`, 'latin1').toString('base64');

type Call = (service: string, operation: string, parameters: object) => Promise<unknown>;

/** A manual snapshot of each kind whose database is gone. A region of a company has no default VPC to put one into. */
async function orphanedSnapshots(call: Call, AvailabilityZone: string): Promise<void> {
  const vpc = await call('ec2', 'create-vpc', { CidrBlock: '10.77.0.0/16' });
  const VpcId = textIn(vpc, 'VpcId');
  const subnetOf = { VpcId, CidrBlock: '10.77.1.0/24', AvailabilityZone };
  const groupOf = { VpcId, GroupName: 'retired', Description: 'of databases that are gone' };
  const subnet = textIn(await call('ec2', 'create-subnet', subnetOf), 'SubnetId');
  const group = textIn(await call('ec2', 'create-security-group', groupOf), 'GroupId');
  await call('rds', 'create-db-subnet-group', {
    DBSubnetGroupName: 'retired',
    DBSubnetGroupDescription: 'of databases that are gone',
    SubnetIds: [subnet],
  });
  const place = { DBSubnetGroupName: 'retired', VpcSecurityGroupIds: [group] };
  await Promise.all(['db', 'cluster'].map((kind) => orphanedSnapshot(call, kind, place)));
}

function textIn(output: unknown, field: string): string {
  return new RegExp(`"${field}":"([^"]+)"`, 'u').exec(JSON.stringify(output))?.[1] ?? '';
}

async function orphanedSnapshot(call: Call, kind: string, place: object): Promise<void> {
  const [name, word] = kind === 'db' ? ['DBInstance', 'DB'] : ['DBCluster', 'DBCluster'];
  const operation = kind === 'db' ? 'db-instance' : 'db-cluster';
  const id = { [`${name}Identifier`]: `retired-${kind}` };
  await call('rds', `create-${operation}`, {
    ...id,
    Engine: kind === 'db' ? 'postgres' : 'aurora-postgresql',
    ...(kind === 'db' && { DBInstanceClass: 'db.t4g.small', AllocatedStorage: 20 }),
    ...place,
    MasterUsername: 'admin1',
    MasterUserPassword: `${secretValue}-long-enough`,
  });
  await call('rds', `create-${kind === 'db' ? 'db' : 'db-cluster'}-snapshot`, {
    ...id,
    [`${word}SnapshotIdentifier`]: `last-of-${kind}`,
    Tags: tagged,
  });
  await call('rds', `delete-${operation}`, { ...id, SkipFinalSnapshot: true });
}

async function firstSubnets(
  call: (service: string, operation: string, parameters: object) => Promise<unknown>,
): Promise<string[]> {
  const output = JSON.stringify(await call('ec2', 'describe-subnets', { MaxResults: 10 }));
  const ids = [...output.matchAll(/"SubnetId":"(subnet-[0-9a-f]+)"/gu)];
  return ids.map(([, id]) => id ?? '').slice(0, 2);
}

function fieldOf(output: unknown, name: string): string {
  const value: unknown = Object.entries(output ?? {}).find(([key]) => key === name)?.[1];
  if (typeof value !== 'string') throw new Error(`the answer has no ${name}`);
  return value;
}
