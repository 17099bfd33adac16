import { defineServiceScanner } from '../../service-scanner.ts';

/** SNS topics. One list per region and one call per topic. */
export const snsScanner = defineServiceScanner({
  service: 'sns',
  requiredPermissions: ['sns:ListTopics', 'sns:GetTopicAttributes', 'tag:GetResources'],
  resources: [
    {
      type: 'sns:topic',
      words: 'SNS topic, notifications, publish and subscribe',
      actions: {
        onResource: ['sns:Publish', 'sns:Subscribe', 'sns:SetTopicAttributes', 'sns:DeleteTopic'],
      },
      through: [{ call: 'sns list-topics', items: 'Topics[].TopicArn', as: 'TopicArn' }],
      read: { call: 'sns get-topic-attributes', items: '[Attributes]' },
      arn: 'TopicArn',
      taggedAs: 'sns',
      attributes: {
        display_name: 'DisplayName',
        is_fifo: "FifoTopic == 'true'",
        subscriptions: 'to_number(SubscriptionsConfirmed)',
      },
      relations: [{ type: 'encrypted_by', target: 'KmsMasterKeyId' }],
      search_words: ['DisplayName'],
    },
  ],
});
