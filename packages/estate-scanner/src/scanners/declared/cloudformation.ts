import { defineServiceScanner } from '../../service-scanner.ts';

/** CloudFormation stacks. One list per region. Parameters and outputs may hold secrets: they stay in the CLI. */
export const cloudformationScanner = defineServiceScanner({
  service: 'cloudformation',
  requiredPermissions: ['cloudformation:DescribeStacks'],
  resources: [
    {
      type: 'cloudformation:stack',
      words: 'CloudFormation stack, infrastructure as code',
      actions: {
        onResource: [
          'cloudformation:UpdateStack',
          'cloudformation:CreateChangeSet',
          'cloudformation:DeleteStack',
        ],
      },
      list: { call: 'cloudformation describe-stacks', items: 'Stacks' },
      arn: 'StackId',
      id: 'StackName',
      name: 'StackName',
      state: 'StackStatus',
      created_at: 'CreationTime',
      tags: 'Tags',
      attributes: {
        description: 'Description',
        drift: 'DriftInformation.StackDriftStatus',
        termination_protection: 'EnableTerminationProtection',
      },
      relations: [
        { type: 'runs_as', target: 'RoleARN' },
        { type: 'part_of', target: 'ParentId' },
      ],
      search_words: ['Description'],
    },
  ],
});
