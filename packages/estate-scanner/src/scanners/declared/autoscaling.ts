import { defineServiceScanner } from '../../service-scanner.ts';

/** Auto Scaling groups. One list per region. */
export const autoscalingScanner = defineServiceScanner({
  service: 'autoscaling',
  requiredPermissions: ['autoscaling:DescribeAutoScalingGroups'],
  resources: [
    {
      type: 'autoscaling:auto-scaling-group',
      words: 'Auto Scaling group, fleet of servers',
      actions: {
        onResource: [
          'autoscaling:SetDesiredCapacity',
          'autoscaling:UpdateAutoScalingGroup',
          'autoscaling:StartInstanceRefresh',
          'autoscaling:DeleteAutoScalingGroup',
        ],
      },
      list: {
        call: 'autoscaling describe-auto-scaling-groups',
        items: 'AutoScalingGroups',
        pageSize: 100,
      },
      arn: 'AutoScalingGroupARN',
      id: 'AutoScalingGroupName',
      name: 'AutoScalingGroupName',
      state: 'Status',
      created_at: 'CreatedTime',
      tags: 'Tags',
      attributes: {
        min_size: 'MinSize',
        max_size: 'MaxSize',
        desired_capacity: 'DesiredCapacity',
        launch_template: 'LaunchTemplate.LaunchTemplateId',
        zones: 'AvailabilityZones && sort(AvailabilityZones)',
      },
      relations: [
        { type: 'has_instance', resource_type: 'ec2:instance', id: 'Instances[].InstanceId' },
        { type: 'serves', target: 'TargetGroupARNs' },
      ],
    },
  ],
});
