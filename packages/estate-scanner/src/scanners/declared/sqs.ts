import { defineServiceScanner } from '../../service-scanner.ts';

/** SQS queues. One list per region and one call per queue. */
export const sqsScanner = defineServiceScanner({
  service: 'sqs',
  requiredPermissions: ['sqs:ListQueues', 'sqs:GetQueueAttributes', 'tag:GetResources'],
  resources: [
    {
      type: 'sqs:queue',
      words: 'SQS queue, message queue',
      actions: {
        onResource: [
          'sqs:SendMessage',
          'sqs:ReceiveMessage',
          'sqs:PurgeQueue',
          'sqs:SetQueueAttributes',
          'sqs:DeleteQueue',
        ],
      },
      through: [{ call: 'sqs list-queues', items: 'QueueUrls', as: 'QueueUrl' }],
      read: {
        call: 'sqs get-queue-attributes',
        parameters: { AttributeNames: ['All'] },
        items: '[Attributes]',
      },
      arn: 'QueueArn',
      created_at: 'to_number(CreatedTimestamp)',
      taggedAs: 'sqs',
      // How many messages wait is left out: it would make every scan a change.
      attributes: {
        is_fifo: "FifoQueue == 'true'",
        visibility_timeout_s: 'to_number(VisibilityTimeout)',
        retention_s: 'to_number(MessageRetentionPeriod)',
        redrive_policy: 'RedrivePolicy',
        is_encrypted_by_sqs: "SqsManagedSseEnabled && SqsManagedSseEnabled == 'true'",
      },
      relations: [{ type: 'encrypted_by', target: 'KmsMasterKeyId' }],
    },
  ],
});
