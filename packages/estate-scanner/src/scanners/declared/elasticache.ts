import { defineServiceScanner } from '../../service-scanner.ts';

/** ElastiCache clusters. One list per region; tags are not in it. */
export const elasticacheScanner = defineServiceScanner({
  service: 'elasticache',
  requiredPermissions: ['elasticache:DescribeCacheClusters', 'tag:GetResources'],
  resources: [
    {
      type: 'elasticache:cluster',
      words: 'ElastiCache cluster, cache in memory',
      actions: {
        onResource: [
          'elasticache:ModifyCacheCluster',
          'elasticache:RebootCacheCluster',
          'elasticache:DeleteCacheCluster',
        ],
      },
      list: { call: 'elasticache describe-cache-clusters', items: 'CacheClusters', pageSize: 100 },
      arn: 'ARN',
      id: 'CacheClusterId',
      name: 'CacheClusterId',
      state: 'CacheClusterStatus',
      created_at: 'CacheClusterCreateTime',
      taggedAs: 'elasticache:cluster',
      attributes: {
        engine: 'Engine',
        version: 'EngineVersion',
        node_type: 'CacheNodeType',
        nodes: 'NumCacheNodes',
        replication_group: 'ReplicationGroupId',
        subnet_group: 'CacheSubnetGroupName',
        encrypted_at_rest: 'AtRestEncryptionEnabled',
        encrypted_in_transit: 'TransitEncryptionEnabled',
      },
      relations: [
        {
          type: 'uses_security_group',
          resource_type: 'ec2:security-group',
          id: 'SecurityGroups[].SecurityGroupId',
        },
      ],
      search_words: ['Engine'],
    },
  ],
});
