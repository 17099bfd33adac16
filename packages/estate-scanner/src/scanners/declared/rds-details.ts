import { defineServiceScanner } from '../../service-scanner.ts';

const actions = (kind: string) => ({
  onResource: [`rds:Delete${kind}`, `rds:Modify${kind}Attribute`, 'rds:AddTagsToResource'],
});

/**
 * Manual snapshots of databases and clusters, also of those that are gone. Two lists per region. Automatic ones come and go daily, and go
 * with their database.
 */
export const rdsDetailsScanner = defineServiceScanner({
  service: 'rds-details',
  requiredPermissions: ['rds:DescribeDBSnapshots', 'rds:DescribeDBClusterSnapshots'],
  resources: [
    {
      type: 'rds:snapshot',
      words: 'RDS snapshot, backup of a database',
      actions: actions('DBSnapshot'),
      list: {
        call: 'rds describe-db-snapshots',
        parameters: { SnapshotType: 'manual' },
        items: 'DBSnapshots',
        pageSize: 100,
      },
      arn: 'DBSnapshotArn',
      id: 'DBSnapshotIdentifier',
      name: 'DBSnapshotIdentifier',
      state: 'Status',
      created_at: 'SnapshotCreateTime',
      tags: 'TagList',
      attributes: {
        database: 'DBInstanceIdentifier',
        engine: 'Engine',
        engine_version: 'EngineVersion',
        size_gb: 'AllocatedStorage',
        encrypted: 'Encrypted',
      },
      relations: [
        { type: 'snapshot_of', resource_type: 'rds:db', id: 'DBInstanceIdentifier' },
        { type: 'encrypted_by', target: 'KmsKeyId' },
      ],
      search_words: ['Engine', 'DBInstanceIdentifier'],
    },
    {
      type: 'rds:cluster-snapshot',
      words: 'RDS cluster snapshot, backup of a database cluster, Aurora',
      actions: actions('DBClusterSnapshot'),
      list: {
        call: 'rds describe-db-cluster-snapshots',
        parameters: { SnapshotType: 'manual' },
        items: 'DBClusterSnapshots',
        pageSize: 100,
      },
      arn: 'DBClusterSnapshotArn',
      id: 'DBClusterSnapshotIdentifier',
      name: 'DBClusterSnapshotIdentifier',
      state: 'Status',
      created_at: 'SnapshotCreateTime',
      tags: 'TagList',
      attributes: {
        database: 'DBClusterIdentifier',
        engine: 'Engine',
        engine_version: 'EngineVersion',
        size_gb: 'AllocatedStorage',
        encrypted: 'StorageEncrypted',
      },
      relations: [
        // RDS lists those of Neptune and DocumentDB too.
        {
          type: 'snapshot_of',
          resource_type: 'rds:cluster',
          id: "(Engine != 'neptune' && Engine != 'docdb' && DBClusterIdentifier) || null",
        },
        {
          type: 'snapshot_of',
          resource_type: 'neptune:cluster',
          id: "(Engine == 'neptune' && DBClusterIdentifier) || null",
        },
        {
          type: 'snapshot_of',
          resource_type: 'docdb:cluster',
          id: "(Engine == 'docdb' && DBClusterIdentifier) || null",
        },
        { type: 'encrypted_by', target: 'KmsKeyId' },
      ],
      search_words: ['Engine', 'DBClusterIdentifier'],
    },
  ],
});
