import { defineServiceScanner } from '../../service-scanner.ts';

/** DynamoDB tables. One list per region and one call per table. */
export const dynamodbScanner = defineServiceScanner({
  service: 'dynamodb',
  requiredPermissions: ['dynamodb:ListTables', 'dynamodb:DescribeTable', 'tag:GetResources'],
  resources: [
    {
      type: 'dynamodb:table',
      words: 'DynamoDB table, NoSQL database, key-value store',
      actions: {
        onResource: [
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
          'dynamodb:UpdateTable',
          'dynamodb:DeleteTable',
        ],
      },
      through: [{ call: 'dynamodb list-tables', items: 'TableNames', as: 'TableName' }],
      read: { call: 'dynamodb describe-table', items: '[Table]' },
      arn: 'TableArn',
      state: 'TableStatus',
      created_at: 'CreationDateTime',
      taggedAs: 'dynamodb:table',
      attributes: {
        billing_mode: 'BillingModeSummary.BillingMode',
        items: 'ItemCount',
        size_bytes: 'TableSizeBytes',
        deletion_protection: 'DeletionProtectionEnabled',
        key_schema: 'KeySchema[].AttributeName',
      },
      relations: [{ type: 'encrypted_by', target: 'SSEDescription.KMSMasterKeyArn' }],
    },
  ],
});
