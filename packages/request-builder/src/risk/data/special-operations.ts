import { OperationPatterns } from '../operation-pattern.ts';

/** What needs more than a look at the IAM access level, each as `service operation`, `*` for any ending. */

/** Reads that hand out secrets, credentials or the content of data stores: approval, and the output is masked. */
export const sensitiveReads = new OperationPatterns([
  'secretsmanager get-secret-value',
  'secretsmanager batch-get-secret-value',
  'secretsmanager get-random-password',
  'kms decrypt',
  'kms generate-data-key*',
  'sts assume-role*',
  'sts assume-root',
  'sts get-session-token',
  'sts get-federation-token',
  'sts get-web-identity-token',
  'ecr get-login*',
  'ecr get-authorization-token',
  'ecr-public get-login-password',
  'ecr-public get-authorization-token',
  'eks get-token',
  'rds generate-db-auth-token',
  'dsql generate-db-connect-*',
  's3 presign',
  's3api get-object',
  's3api select-object-content',
  'cloudfront sign',
  'codeartifact get-authorization-token',
  'codecommit credential-helper',
  'ec2 get-password-data',
  'ec2 get-console-output',
  'cognito-identity get-credentials-for-identity',
  'cognito-identity get-open-id-token*',
  'cognito-idp describe-user-pool-client',
  'redshift get-cluster-credentials*',
  'redshift-serverless get-credentials',
  'lambda get-function',
  'lambda get-function-configuration',
  'apigateway get-api-key*',
  'appsync list-api-keys',
  'lightsail get-instance-access-details',
  'lightsail get-relational-database-master-user-password',
  'lightsail download-default-key-pair',
  'iam get-credential-report',
  'acm export-certificate',
  'amplify get-artifact-url',
  'amplifybackend get-token',
  'bedrock-agentcore get-resource-*',
  'bedrock-agentcore get-workload-access-token*',
  'chime-sdk-voice list-voice-connector-termination-credentials',
  'cognito-idp list-user-pool-client-secrets',
  'connect get-federation-token',
  'datazone get-environment-credentials',
  'ec2 describe-launch-template-versions',
  'ec2 get-launch-template-data',
  'ecr get-download-url-for-layer',
  'eks-auth assume-role-for-pod-identity',
  'emr get-cluster-session-credentials',
  'emr-containers get-managed-endpoint-session-credentials',
  'finspace-data get-programmatic-access-credentials',
  'gamelift get-compute-access',
  'gamelift get-compute-auth-token',
  'gamelift get-instance-access',
  'kinesis-video-archived-media get-*-session-url',
  'lakeformation get-temporary-*',
  'lambda get-layer-version*',
  'license-manager get-access-token',
  'lightsail get-bucket-access-keys',
  'pca-connector-scep get-challenge-password',
  'quicksight get-*-embed-url',
  'rds download-db-log-file-portion',
  'redshift get-identity-center-auth-token',
  'redshift-serverless get-identity-center-auth-token',
  'route53globalresolver *-access-token*',
  'ssm get-access-token',
  'storagegateway describe-chap-credentials',
  'wafv2 get-decrypted-api-key',
  'wafv2 list-api-keys',
  'sso get-role-credentials',
  'sso-oidc create-token*',
  'configure export-credentials',
  'configure get',
]);

/** Parameters that return decrypted values when `with-decryption` is set. */
export const decryptingReads = new OperationPatterns(['ssm get-parameter*']);

/** Runs code of the caller's choice somewhere else: destructive unless the host lists it. */
export const remoteCode = new OperationPatterns([
  'ssm send-command',
  'ssm start-session',
  'ssm resume-session',
  'ssm start-automation-execution',
  'ssm create-association',
  'ecs execute-command',
  'lambda invoke',
  'lambda invoke-async',
  'lambda invoke-with-response-stream',
  'emr add-steps',
  'emr ssh',
  'glue start-job-run',
  'codebuild start-build*',
  'cloudformation deploy',
]);

/** Statements in a language of their own: what they do is not in their name. */
export const statements = new OperationPatterns([
  'dynamodb execute-statement',
  'dynamodb batch-execute-statement',
  'dynamodb execute-transaction',
  'rds-data execute-statement',
  'rds-data batch-execute-statement',
  'rds-data execute-sql',
  'redshift-data execute-statement',
  'redshift-data batch-execute-statement',
  'athena start-query-execution',
  'neptunedata execute-*',
  'neptune-graph execute-query',
  'timestream-query query',
]);

/** Hands out lasting credentials or rights, though IAM lists it as a plain write. */
export const privilegeWrites = new OperationPatterns([
  'iam create-access-key',
  'iam update-access-key',
  'iam create-login-profile',
  'iam update-login-profile',
  'iam create-service-specific-credential',
  'iam add-user-to-group',
  'iam add-role-to-instance-profile',
  'iam create-saml-provider',
  'iam create-open-id-connect-provider',
  'iam upload-signing-certificate',
  'iam upload-ssh-public-key',
  'ec2 associate-iam-instance-profile',
  'ec2 replace-iam-instance-profile-association',
  'lambda add-permission',
  'lambda update-function-code',
  'sso-admin create-account-assignment',
  'organizations create-account',
  'organizations create-gov-cloud-account',
  'organizations close-account',
  'organizations move-account',
  'organizations invite-account-to-organization',
  'organizations register-delegated-administrator',
]);

/** Only reads the state until it is what was waited for. */
export const waits = 'wait';

/** Words anywhere in an operation's name after which something is gone, off or open. */
export const destructiveVerbs: ReadonlySet<string> = new Set([
  'delete',
  'deletion',
  'terminate',
  'purge',
  'remove',
  'deregister',
  'revoke',
  'detach',
  'reset',
  'stop',
  'disable',
]);

/** First words of operations that change something: such an operation is never read_only, whatever its IAM level says. */
export const writingVerbs: ReadonlySet<string> = new Set(
  'accept add apply assign associate attach authorize cancel close complete copy create deliver deploy disassociate enable execute export failover import initiate install invoke merge modify move post promote provision publish push put reboot receive rebuild refresh register reject release rename replace request restart restore resume rotate run send set share start submit suspend swap switch tag transfer unassign unlock unsubscribe untag update upgrade upload write'.split(
    ' ',
  ),
);
