/**
 * Actions of the built-in services that IAM evaluates for the whole account: no statement about one resource ever
 * matches them, so they are asked about `*` (Service Authorization Reference, "resource types" empty:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html). A pattern ends with `*`.
 */
const ACCOUNT_WIDE: readonly string[] = [
  'ec2:Describe*',
  'ec2:CreateDefault*',
  'ec2:DisableEbsEncryptionByDefault',
  'ec2:EnableEbsEncryptionByDefault',
  'ec2:GetEbsEncryptionByDefault',
  'lambda:CreateEventSourceMapping',
  'lambda:GetAccountSettings',
  'lambda:ListEventSourceMappings',
  'lambda:ListFunctions',
  'lambda:ListLayers',
  'rds:DescribeAccountAttributes',
  'rds:DescribeDBEngineVersions',
  'rds:DescribeEvents',
  'rds:DescribeOrderableDBInstanceOptions',
  's3:GetAccountPublicAccessBlock',
  's3:ListAllMyBuckets',
  's3:PutAccountPublicAccessBlock',
  'ssm:DescribeInstanceInformation',
  'ssm:DescribeSessions',
  'ssm:GetCommandInvocation',
  'ssm:ListCommandInvocations',
  'ssm:ListCommands',
];

/** Actions that the patterns above would match, but which do take a resource. */
const RESOURCE_LEVEL: ReadonlySet<string> = new Set([
  'ec2:describeimageattribute',
  'ec2:describeinstanceattribute',
  'ec2:describesecuritygroupreferences',
  'ec2:describesnapshotattribute',
  'ec2:describevolumeattribute',
  'ec2:describevpcattribute',
]);

const S3_OBJECT_ACTION =
  /^s3:((get|put|delete|restore|replicate)object|(abort|list)multipartupload(parts)?$|bypassgovernance)/u;

/** Whether IAM evaluates an action for the whole account. `more` are actions that a plugin knows to be so. */
export function isAccountWide(action: string, more: ReadonlySet<string>): boolean {
  const name = action.toLowerCase();
  if (more.has(name)) return true;
  if (RESOURCE_LEVEL.has(name)) return false;
  return ACCOUNT_WIDE.some((entry) =>
    entry.endsWith('*')
      ? name.startsWith(entry.slice(0, -1).toLowerCase())
      : name === entry.toLowerCase(),
  );
}

/** The ARN to ask about: `*` for the account, `BUCKET/*` for what is done to a bucket's objects, else the resource's. */
export function targetArn(action: string, arn: string, more: ReadonlySet<string>): string {
  if (isAccountWide(action, more)) return '*';
  const isBucket = /^arn:[^:]+:s3:::[^/*]+$/u.test(arn);
  return isBucket && S3_OBJECT_ACTION.test(action.toLowerCase()) ? `${arn}/*` : arn;
}
