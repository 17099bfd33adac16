/** A policy document as IAM takes it. */
export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: readonly PolicyStatement[];
}

/** One statement of an identity policy. */
export interface PolicyStatement {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Action: readonly string[];
  Resource: readonly string[];
  Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/**
 * What the operator may do, as a careful company would write it: look at everything, run day-to-day operations, never
 * take production apart. So a simulation meets all outcomes: stopping an instance is allowed, terminating one depends on its tag
 * (and is denied in us-east-1), stopping a database is denied where its name says production, deleting a bucket is not mentioned.
 */
export const operatorPolicies: Readonly<Record<string, PolicyDocument>> = {
  LookEverywhere: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Look',
        Effect: 'Allow',
        Action: [
          'ec2:Describe*',
          'rds:Describe*',
          'rds:List*',
          's3:ListAllMyBuckets',
          's3:ListBucket',
          's3:GetBucket*',
          's3:GetEncryptionConfiguration',
          'lambda:List*',
          'lambda:GetFunction*',
          'tag:GetResources',
          'iam:SimulatePrincipalPolicy',
          'iam:ListAccountAliases',
          'account:ListRegions',
        ],
        Resource: ['*'],
      },
    ],
  },
  DayToDayOperations: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Run',
        Effect: 'Allow',
        Action: [
          'ec2:StartInstances',
          'ec2:StopInstances',
          'ec2:RebootInstances',
          'ec2:TerminateInstances',
          'ec2:CreateTags',
          'ec2:AuthorizeSecurityGroupIngress',
          'ec2:RevokeSecurityGroupIngress',
          'ssm:StartSession',
          'rds:StartDB*',
          'rds:StopDB*',
          'rds:RebootDBInstance',
          'rds:CreateDBSnapshot',
          'rds:AddTagsToResource',
          'rds:DeleteDBInstance',
          's3:GetObject',
          's3:PutObject',
          's3:PutBucketTagging',
          's3:PutBucketVersioning',
          'lambda:InvokeFunction',
          'lambda:UpdateFunctionConfiguration',
          'lambda:PublishVersion',
          'lambda:TagResource',
        ],
        Resource: ['*'],
      },
    ],
  },
  ProtectProduction: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'NoEndOfProductionByTag',
        Effect: 'Deny',
        Action: ['ec2:TerminateInstances', 'rds:DeleteDBInstance', 'rds:DeleteDBCluster'],
        Resource: ['*'],
        Condition: { StringEquals: { 'aws:ResourceTag/Environment': 'production' } },
      },
      {
        Sid: 'NoEndOfProductionByName',
        Effect: 'Deny',
        Action: ['rds:DeleteDB*', 'rds:StopDB*', 's3:PutObject', 'lambda:UpdateFunction*'],
        Resource: [
          'arn:aws:rds:*:*:db:*-prod*',
          'arn:aws:rds:*:*:cluster:*-prod*',
          'arn:aws:s3:::*-prod*',
          'arn:aws:lambda:*:*:function:*-prod*',
        ],
      },
      {
        Sid: 'NoTerminationInUsEast1',
        Effect: 'Deny',
        Action: ['ec2:TerminateInstances', 'ec2:DeleteVpc', 'ec2:DeleteSubnet'],
        Resource: ['arn:aws:ec2:us-east-1:*:*'],
      },
    ],
  },
};
