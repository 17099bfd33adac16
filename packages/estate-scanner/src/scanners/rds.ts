import { defineServiceScanner, type TypeActions } from '../service-scanner.ts';
import { readClusters } from './rds-clusters.ts';
import { readDatabases } from './rds-databases.ts';
import { rdsServices } from './rds-fields.ts';

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

/**
 * Databases and clusters of RDS, Neptune and DocumentDB. Two calls per region; where
 * there are any, one more for the snapshots of each kind, and one for the subnet groups of clusters.
 */
export const rdsScanner = defineServiceScanner({
  service: 'rds',
  resourceTypes: rdsServices.flatMap((service) => [`${service}:db`, `${service}:cluster`]),
  requiredPermissions: [
    'rds:DescribeDBInstances',
    'rds:DescribeDBClusters',
    'rds:DescribeDBSnapshots',
    'rds:DescribeDBClusterSnapshots',
    'rds:DescribeDBSubnetGroups',
  ],
  words: {
    'rds:db': 'RDS database instance, relational SQL database',
    'rds:cluster': 'RDS database cluster, relational SQL database, Aurora',
    'neptune:db': 'Neptune graph database instance',
    'neptune:cluster': 'Neptune graph database cluster',
    'docdb:db': 'DocumentDB document database instance, MongoDB compatible',
    'docdb:cluster': 'DocumentDB document database cluster, MongoDB compatible',
  },
  actions: Object.fromEntries(
    rdsServices.flatMap((service) => [
      [`${service}:db`, instanceActions],
      [`${service}:cluster`, clusterActions],
    ]),
  ),
  async *scan(context) {
    yield* context.tolerate(readDatabases(context));
    yield* context.tolerate(readClusters(context));
  },
});
