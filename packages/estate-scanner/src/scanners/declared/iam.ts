import { defineServiceScanner } from '../../service-scanner.ts';

/** IAM roles, once per account. One list; tags are not in it, so they are unknown. */
export const iamScanner = defineServiceScanner({
  service: 'iam',
  scope: 'global',
  requiredPermissions: ['iam:ListRoles'],
  resources: [
    {
      type: 'iam:role',
      words: 'IAM role, permissions',
      actions: {
        onResource: [
          'iam:PassRole',
          'iam:UpdateAssumeRolePolicy',
          'iam:AttachRolePolicy',
          'iam:PutRolePolicy',
          'iam:DeleteRole',
        ],
      },
      list: { call: 'iam list-roles', items: 'Roles', pageSize: 1000 },
      arn: 'Arn',
      id: 'RoleName',
      name: 'RoleName',
      created_at: 'CreateDate',
      attributes: {
        path: 'Path',
        description: 'Description',
        max_session_s: 'MaxSessionDuration',
        trust_policy: 'AssumeRolePolicyDocument',
      },
      search_words: ['Description'],
    },
  ],
});
