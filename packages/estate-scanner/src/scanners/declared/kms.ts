import { defineServiceScanner } from '../../service-scanner.ts';

/** KMS keys, those that AWS manages included. One list per region and one call per key. */
export const kmsScanner = defineServiceScanner({
  service: 'kms',
  requiredPermissions: ['kms:ListKeys', 'kms:DescribeKey', 'tag:GetResources'],
  resources: [
    {
      type: 'kms:key',
      words: 'KMS key, encryption',
      actions: {
        onResource: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:PutKeyPolicy',
          'kms:DisableKey',
          'kms:ScheduleKeyDeletion',
        ],
      },
      through: [{ call: 'kms list-keys', items: 'Keys[].KeyId', as: 'KeyId' }],
      read: { call: 'kms describe-key', items: '[KeyMetadata]' },
      arn: 'Arn',
      name: 'Description',
      state: 'KeyState',
      created_at: 'CreationDate',
      taggedAs: 'kms:key',
      attributes: {
        manager: 'KeyManager',
        usage: 'KeyUsage',
        spec: 'KeySpec',
        origin: 'Origin',
        is_multi_region: 'MultiRegion',
      },
    },
  ],
});
