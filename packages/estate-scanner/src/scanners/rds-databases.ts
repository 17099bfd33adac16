import { z } from 'zod';
import type { DiscoveredResource } from '../resource.ts';
import type { ScanContext } from '../service-scanner.ts';
import { Count, Flag, Names, Text, edges } from './projection.ts';
import {
  databaseAttributes,
  databaseCalls,
  databaseFields,
  databaseIdentity,
  databaseRelations,
  engineWords,
  replicaOf,
  serviceOf,
} from './rds-fields.ts';
import { manualSnapshots } from './rds-snapshots.ts';

const INSTANCE_QUERY = `DBInstances[].{id: DBInstanceIdentifier, arn: DBInstanceArn, state: DBInstanceStatus, tags: TagList,
  class: DBInstanceClass, engine: Engine, version: EngineVersion, created: InstanceCreateTime, storage_gb: AllocatedStorage,
  multi_az: MultiAZ, public: PubliclyAccessible, encrypted: StorageEncrypted, protected: DeletionProtection,
  backup_days: BackupRetentionPeriod, host: Endpoint.Address, port: Endpoint.Port, zone: AvailabilityZone,
  vpc: DBSubnetGroup.VpcId, subnets: DBSubnetGroup.Subnets[].SubnetIdentifier, cluster: DBClusterIdentifier,
  groups: VpcSecurityGroups[].VpcSecurityGroupId, kms: KmsKeyId, source: ReadReplicaSourceDBInstanceIdentifier}`;

const Instance = z.object({
  ...databaseFields,
  class: Text,
  storage_gb: Count,
  public: Flag,
  zone: Text,
  vpc: Text,
  subnets: Names,
  cluster: Text,
});

/** Finds database instances. */
export async function* readDatabases(context: ScanContext): AsyncGenerator<DiscoveredResource> {
  const snapshotsOf = manualSnapshots(context, 'db');
  for (const call of databaseCalls(context, 'db')) {
    const list = context.list('rds', 'describe-db-instances', {
      ...call,
      query: INSTANCE_QUERY,
      pageSize: 100,
    });
    for await (const item of list) {
      const db = Instance.parse(item);
      yield {
        ...databaseIdentity(db, 'db'),
        attributes: {
          ...databaseAttributes(db),
          manual_snapshots: await snapshotsOf(db.id),
          instance_class: db.class,
          storage_gb: db.storage_gb,
          publicly_accessible: db.public,
          availability_zone: db.zone,
          vpc_id: db.vpc,
          subnet_ids: db.subnets,
          cluster_id: db.cluster,
        },
        relations: [
          ...databaseRelations(db),
          ...edges('in_vpc', 'ec2:vpc', [db.vpc]),
          ...edges('in_subnet', 'ec2:subnet', db.subnets),
          ...edges('member_of', `${serviceOf(db)}:cluster`, [db.cluster]),
          ...replicaOf(db, 'db'),
        ],
        search_words: [
          ...engineWords(db),
          db.class ?? '',
          db.public === true ? 'public, reachable from the internet' : '',
        ],
      };
    }
  }
}
