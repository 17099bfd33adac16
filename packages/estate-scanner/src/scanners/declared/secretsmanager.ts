import { defineServiceScanner } from '../../service-scanner.ts';

/** Secrets by name: their values are never asked for. One list per region. */
export const secretsmanagerScanner = defineServiceScanner({
  service: 'secretsmanager',
  requiredPermissions: ['secretsmanager:ListSecrets'],
  resources: [
    {
      type: 'secretsmanager:secret',
      words: 'secret, password, credentials',
      actions: {
        onResource: [
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:RotateSecret',
          'secretsmanager:DeleteSecret',
        ],
      },
      list: { call: 'secretsmanager list-secrets', items: 'SecretList', pageSize: 100 },
      arn: 'ARN',
      id: 'Name',
      name: 'Name',
      created_at: 'CreatedDate',
      tags: 'Tags',
      attributes: {
        description: 'Description',
        rotates: 'RotationEnabled',
        owner: 'OwningService',
      },
      relations: [
        { type: 'encrypted_by', target: 'KmsKeyId' },
        { type: 'rotated_by', target: 'RotationLambdaARN' },
      ],
      search_words: ['Description'],
    },
  ],
});
