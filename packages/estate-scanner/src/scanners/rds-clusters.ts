import { z } from 'zod';
import type { DiscoveredResource } from '../resource.ts';
import type { ScanContext } from '../service-scanner.ts';
import { Names, Text, edges } from './projection.ts';
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
import { subnetGroups } from './rds-subnet-groups.ts';

/** The subnet group of a cluster is a name, without its VPC and subnets. */
const CLUSTER_QUERY = `DBClusters[].{id: DBClusterIdentifier, arn: DBClusterArn, state: Status, tags: TagList, engine: Engine,
  version: EngineVersion, created: ClusterCreateTime, multi_az: MultiAZ, encrypted: StorageEncrypted,
  protected: DeletionProtection, backup_days: BackupRetentionPeriod, host: Endpoint, port: Port,
  subnet_group: DBSubnetGroup, members: DBClusterMembers[].DBInstanceIdentifier,
  groups: VpcSecurityGroups[].VpcSecurityGroupId, kms: KmsKeyId, source: ReplicationSourceIdentifier}`;

const Cluster = z.object({ ...databaseFields, subnet_group: Text, members: Names });

/** Finds clusters. */
export async function* readClusters(context: ScanContext): AsyncGenerator<DiscoveredResource> {
  const snapshotsOf = manualSnapshots(context, 'cluster');
  const groupOf = subnetGroups(context);
  for (const call of databaseCalls(context, 'cluster')) {
    const list = context.list('rds', 'describe-db-clusters', {
      ...call,
      query: CLUSTER_QUERY,
      pageSize: 100,
    });
    for await (const item of list) {
      const cluster = Cluster.parse(item);
      const network = await groupOf(cluster.subnet_group);
      yield {
        ...databaseIdentity(cluster, 'cluster'),
        attributes: {
          ...databaseAttributes(cluster),
          manual_snapshots: await snapshotsOf(cluster.id),
          subnet_group: cluster.subnet_group,
          vpc_id: network?.vpc ?? null,
          subnet_ids: network?.subnets ?? null,
          member_ids: cluster.members,
        },
        relations: [
          ...databaseRelations(cluster),
          ...edges('in_vpc', 'ec2:vpc', [network?.vpc ?? null]),
          ...edges('in_subnet', 'ec2:subnet', network?.subnets ?? []),
          ...edges('has_member', `${serviceOf(cluster)}:db`, cluster.members),
          ...replicaOf(cluster, 'cluster'),
        ],
        search_words: engineWords(cluster),
      };
    }
  }
}
