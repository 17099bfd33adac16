import { defineServiceScanner } from '../../service-scanner.ts';

/** CloudWatch alarms. One list per region. An alarm that goes off is a change. */
export const cloudwatchScanner = defineServiceScanner({
  service: 'cloudwatch',
  requiredPermissions: ['cloudwatch:DescribeAlarms'],
  resources: [
    {
      type: 'cloudwatch:alarm',
      words: 'CloudWatch alarm, monitoring',
      actions: {
        onResource: [
          'cloudwatch:PutMetricAlarm',
          'cloudwatch:DisableAlarmActions',
          'cloudwatch:DeleteAlarms',
        ],
      },
      list: {
        call: 'cloudwatch describe-alarms',
        parameters: { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
        items: '[MetricAlarms, CompositeAlarms][]',
        pageSize: 100,
      },
      arn: 'AlarmArn',
      id: 'AlarmName',
      name: 'AlarmName',
      state: 'StateValue',
      attributes: {
        description: 'AlarmDescription',
        metric: 'MetricName',
        namespace: 'Namespace',
        comparison: 'ComparisonOperator',
        threshold: 'Threshold',
        rule: 'AlarmRule',
        actions_enabled: 'ActionsEnabled',
      },
      relations: [{ type: 'notifies', target: 'AlarmActions' }],
      search_words: ['AlarmDescription', 'MetricName'],
    },
  ],
});
