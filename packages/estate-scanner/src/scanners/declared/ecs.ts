import { defineServiceScanner } from '../../service-scanner.ts';

/** ECS clusters (one call per 100) and their services (one list per cluster, one call per 10). */
export const ecsScanner = defineServiceScanner({
  service: 'ecs',
  requiredPermissions: [
    'ecs:ListClusters',
    'ecs:DescribeClusters',
    'ecs:ListServices',
    'ecs:DescribeServices',
  ],
  resources: [
    {
      type: 'ecs:cluster',
      words: 'ECS cluster, containers',
      actions: { onResource: ['ecs:UpdateCluster', 'ecs:DeleteCluster', 'ecs:TagResource'] },
      through: [{ call: 'ecs list-clusters', items: 'clusterArns', as: 'clusters', atOnce: 100 }],
      read: {
        call: 'ecs describe-clusters',
        parameters: { include: ['TAGS'] },
        items: 'clusters',
      },
      arn: 'clusterArn',
      state: 'status',
      tags: 'tags',
      attributes: { capacity_providers: 'capacityProviders && sort(capacityProviders)' },
    },
    {
      type: 'ecs:service',
      words: 'ECS service, container application',
      actions: { onResource: ['ecs:UpdateService', 'ecs:DeleteService', 'ecs:TagResource'] },
      through: [
        { call: 'ecs list-clusters', items: 'clusterArns', as: 'cluster' },
        { call: 'ecs list-services', items: 'serviceArns', as: 'services', atOnce: 10 },
      ],
      read: {
        call: 'ecs describe-services',
        parameters: { include: ['TAGS'] },
        items: 'services',
      },
      arn: 'serviceArn',
      name: 'serviceName',
      state: 'status',
      created_at: 'createdAt',
      tags: 'tags',
      attributes: {
        launch_type: 'launchType',
        desired_count: 'desiredCount',
        task_definition: 'taskDefinition',
      },
      relations: [
        { type: 'in_cluster', target: 'clusterArn' },
        { type: 'runs_as', target: 'roleArn' },
        { type: 'serves', target: 'loadBalancers[].targetGroupArn' },
        {
          type: 'in_subnet',
          resource_type: 'ec2:subnet',
          id: 'networkConfiguration.awsvpcConfiguration.subnets',
        },
        {
          type: 'uses_security_group',
          resource_type: 'ec2:security-group',
          id: 'networkConfiguration.awsvpcConfiguration.securityGroups',
        },
      ],
    },
  ],
});
