import { defineServiceScanner } from '../../service-scanner.ts';

/** ECR repositories. One list per region; tags are not in it. */
export const ecrScanner = defineServiceScanner({
  service: 'ecr',
  requiredPermissions: ['ecr:DescribeRepositories', 'tag:GetResources'],
  resources: [
    {
      type: 'ecr:repository',
      words: 'ECR repository, container images',
      actions: {
        onResource: [
          'ecr:BatchGetImage',
          'ecr:PutImage',
          'ecr:SetRepositoryPolicy',
          'ecr:DeleteRepository',
        ],
      },
      list: { call: 'ecr describe-repositories', items: 'repositories' },
      arn: 'repositoryArn',
      created_at: 'createdAt',
      taggedAs: 'ecr:repository',
      attributes: {
        uri: 'repositoryUri',
        tag_mutability: 'imageTagMutability',
        scans_on_push: 'imageScanningConfiguration.scanOnPush',
        encryption: 'encryptionConfiguration.encryptionType',
      },
      relations: [{ type: 'encrypted_by', target: 'encryptionConfiguration.kmsKey' }],
    },
  ],
});
