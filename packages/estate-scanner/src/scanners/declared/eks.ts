import { defineServiceScanner } from '../../service-scanner.ts';

/** EKS clusters. One list per region and one call per cluster. */
export const eksScanner = defineServiceScanner({
  service: 'eks',
  requiredPermissions: ['eks:ListClusters', 'eks:DescribeCluster'],
  resources: [
    {
      type: 'eks:cluster',
      words: 'EKS cluster, Kubernetes',
      actions: {
        onResource: [
          'eks:AccessKubernetesApi',
          'eks:UpdateClusterVersion',
          'eks:UpdateClusterConfig',
          'eks:DeleteCluster',
        ],
      },
      through: [{ call: 'eks list-clusters', items: 'clusters', as: 'name' }],
      read: { call: 'eks describe-cluster', items: '[cluster]' },
      arn: 'arn',
      state: 'status',
      created_at: 'createdAt',
      tags: 'tags',
      attributes: {
        version: 'version',
        is_endpoint_public: 'resourcesVpcConfig.endpointPublicAccess',
        is_endpoint_private: 'resourcesVpcConfig.endpointPrivateAccess',
      },
      relations: [
        { type: 'runs_as', target: 'roleArn' },
        { type: 'in_vpc', resource_type: 'ec2:vpc', id: 'resourcesVpcConfig.vpcId' },
        { type: 'in_subnet', resource_type: 'ec2:subnet', id: 'resourcesVpcConfig.subnetIds' },
        {
          type: 'uses_security_group',
          resource_type: 'ec2:security-group',
          id: 'resourcesVpcConfig.securityGroupIds',
        },
      ],
    },
  ],
});
