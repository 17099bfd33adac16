import { z } from 'zod';
import type { DiscoveredResource } from '../resource.ts';
import { defineServiceScanner, type ScanContext, type TypeActions } from '../service-scanner.ts';
import { Count, Flag, Names, TagList, Text, Time, arnEdges, edges } from './projection.ts';
import { filterCalls } from './wanted.ts';

const INSTANCE_QUERY = `DBInstances[].{id: DBInstanceIdentifier, arn: DBInstanceArn, state: DBInstanceStatus, tags: TagList,
  class: DBInstanceClass, engine: Engine, version: EngineVersion, created: InstanceCreateTime, storage_gb: AllocatedStorage,
  multi_az: MultiAZ, public: PubliclyAccessible, encrypted: StorageEncrypted, protected: DeletionProtection,
  backup_days: BackupRetentionPeriod, host: Endpoint.Address, port: Endpoint.Port, zone: AvailabilityZone,
  vpc: DBSubnetGroup.VpcId, subnets: DBSubnetGroup.Subnets[].SubnetIdentifier, cluster: DBClusterIdentifier,
  groups: VpcSecurityGroups[].VpcSecurityGroupId, kms: KmsKeyId, source: ReadReplicaSourceDBInstanceIdentifier}`;

/** The subnet group of a cluster is a name, without its VPC and subnets. */
const CLUSTER_QUERY = `DBClusters[].{id: DBClusterIdentifier, arn: DBClusterArn, state: Status, tags: TagList, engine: Engine,
  version: EngineVersion, created: ClusterCreateTime, multi_az: MultiAZ, encrypted: StorageEncrypted,
  protected: DeletionProtection, backup_days: BackupRetentionPeriod, host: Endpoint, port: Port,
  subnet_group: DBSubnetGroup, members: DBClusterMembers[].DBInstanceIdentifier,
  groups: VpcSecurityGroups[].VpcSecurityGroupId, kms: KmsKeyId, source: ReplicationSourceIdentifier}`;

const shared = {
  id: z.string(),
  arn: Text,
  state: Text,
  tags: TagList,
  engine: Text,
  version: Text,
  created: Time,
  multi_az: Flag,
  encrypted: Flag,
  protected: Flag,
  backup_days: Count,
  host: Text,
  port: Count,
  groups: Names,
  kms: Text,
  source: Text,
};
const Instance = z.object({
  ...shared,
  class: Text,
  storage_gb: Count,
  public: Flag,
  zone: Text,
  vpc: Text,
  subnets: Names,
  cluster: Text,
});
const Cluster = z.object({ ...shared, subnet_group: Text, members: Names });
type Database = z.infer<typeof Instance> | z.infer<typeof Cluster>;

/** RDS lists Neptune and DocumentDB as its own; their engine tells. */
const services = ['rds', 'neptune', 'docdb'] as const;

const instanceActions: TypeActions = {
  onResource: [
    'rds:StartDBInstance',
    'rds:StopDBInstance',
    'rds:RebootDBInstance',
    'rds:ModifyDBInstance',
    'rds:DeleteDBInstance',
    'rds:CreateDBSnapshot',
    'rds:AddTagsToResource',
  ],
};
const clusterActions: TypeActions = {
  onResource: [
    'rds:FailoverDBCluster',
    'rds:StartDBCluster',
    'rds:StopDBCluster',
    'rds:ModifyDBCluster',
    'rds:DeleteDBCluster',
    'rds:AddTagsToResource',
  ],
};

/** Databases and clusters of RDS, Neptune and DocumentDB. Two calls per region. */
export const rdsScanner = defineServiceScanner({
  service: 'rds',
  resourceTypes: services.flatMap((service) => [`${service}:db`, `${service}:cluster`]),
  requiredPermissions: ['rds:DescribeDBInstances', 'rds:DescribeDBClusters'],
  words: {
    'rds:db': 'RDS database instance, relational SQL database',
    'rds:cluster': 'RDS database cluster, relational SQL database, Aurora',
    'neptune:db': 'Neptune graph database instance',
    'neptune:cluster': 'Neptune graph database cluster',
    'docdb:db': 'DocumentDB document database instance, MongoDB compatible',
    'docdb:cluster': 'DocumentDB document database cluster, MongoDB compatible',
  },
  actions: Object.fromEntries(
    services.flatMap((service) => [
      [`${service}:db`, instanceActions],
      [`${service}:cluster`, clusterActions],
    ]),
  ),
  async *scan(context) {
    yield* context.tolerate(databases(context));
    yield* context.tolerate(clusters(context));
  },
});

async function* databases(context: ScanContext): AsyncGenerator<DiscoveredResource> {
  for (const call of calls(context, 'db')) {
    const list = context.list('rds', 'describe-db-instances', {
      ...call,
      query: INSTANCE_QUERY,
      pageSize: 100,
    });
    for await (const item of list) {
      const db = Instance.parse(item);
      yield {
        ...describe(db, 'db'),
        attributes: {
          ...attributes(db),
          instance_class: db.class,
          storage_gb: db.storage_gb,
          publicly_accessible: db.public,
          availability_zone: db.zone,
          vpc_id: db.vpc,
          subnet_ids: db.subnets,
          cluster_id: db.cluster,
        },
        relations: [
          ...relations(db),
          ...edges('in_vpc', 'ec2:vpc', [db.vpc]),
          ...edges('in_subnet', 'ec2:subnet', db.subnets),
          ...edges('member_of', `${serviceOf(db)}:cluster`, [db.cluster]),
          ...replicaOf(db, 'db'),
        ],
        search_words: [...engineWords(db), db.public === true ? 'publicly accessible' : ''],
      };
    }
  }
}

async function* clusters(context: ScanContext): AsyncGenerator<DiscoveredResource> {
  for (const call of calls(context, 'cluster')) {
    const list = context.list('rds', 'describe-db-clusters', {
      ...call,
      query: CLUSTER_QUERY,
      pageSize: 100,
    });
    for await (const item of list) {
      const cluster = Cluster.parse(item);
      yield {
        ...describe(cluster, 'cluster'),
        attributes: {
          ...attributes(cluster),
          subnet_group: cluster.subnet_group,
          member_ids: cluster.members,
        },
        relations: [
          ...relations(cluster),
          ...edges('has_member', `${serviceOf(cluster)}:db`, cluster.members),
          ...replicaOf(cluster, 'cluster'),
        ],
        search_words: engineWords(cluster),
      };
    }
  }
}

/** The wanted ids of the type under any engine; a database's type is not known before it is read. */
function calls(context: ScanContext, kind: 'db' | 'cluster'): ReturnType<typeof filterCalls> {
  const all = services.flatMap((service) => context.wanted(`${service}:${kind}`) ?? []);
  const ids = context.wanted(`rds:${kind}`) === null ? null : all;
  return filterCalls(ids, kind === 'db' ? 'db-instance-id' : 'db-cluster-id');
}

function serviceOf(database: Database): (typeof services)[number] {
  return services.find((service) => service === database.engine) ?? 'rds';
}

function describe(database: Database, kind: 'db' | 'cluster') {
  const { id, arn, state, tags, created } = database;
  return {
    resource_type: `${serviceOf(database)}:${kind}`,
    id,
    arn,
    name: id,
    state,
    tags,
    created_at: created,
    account_id: arn?.split(':')[4] ?? null,
  };
}

function attributes(database: Database) {
  return {
    engine: database.engine,
    engine_version: database.version,
    multi_az: database.multi_az,
    storage_encrypted: database.encrypted,
    deletion_protection: database.protected,
    backup_retention_days: database.backup_days,
    endpoint_host: database.host,
    endpoint_port: database.port,
    kms_key_arn: database.kms,
    security_group_ids: database.groups,
  };
}

function relations(database: Database) {
  return [
    ...edges('uses_security_group', 'ec2:security-group', database.groups),
    ...arnEdges('encrypted_by', [database.kms]),
  ];
}

/** The source of a replica is a name in the same region, an ARN from another one. */
function replicaOf(database: Database, kind: 'db' | 'cluster') {
  if (database.source?.startsWith('arn:')) return arnEdges('replica_of', [database.source]);
  return edges('replica_of', `${serviceOf(database)}:${kind}`, [database.source]);
}

function engineWords(database: Database): string[] {
  const engine = database.engine ?? '';
  return [
    engine,
    engine.includes('postgres') ? 'PostgreSQL' : '',
    engine.startsWith('aurora') ? 'Aurora' : '',
  ];
}
