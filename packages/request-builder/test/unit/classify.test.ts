import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlaybookCommand, RiskClass } from '../../src/protocol.ts';
import { classify, classifyCommand, defaultPrograms } from '../../src/risk/classify.ts';
import { matchesGlob, OperationPatterns } from '../../src/risk/operation-pattern.ts';

type Extra = Partial<Extract<PlaybookCommand, { type: 'aws_cli' }>>;

const options = { programs: defaultPrograms, allowedRemoteCode: new OperationPatterns([]) };

async function classOf(line: string, extra: Extra = {}): Promise<RiskClass> {
  const [service = '', operation = '', ...args] = line.split(' ');
  const classification = await classify(
    { type: 'aws_cli', service, operation, args, ...extra },
    options,
  );
  expect(classification.reasons.length).toBeGreaterThan(0);
  return classification.risk;
}

describe('classify', () => {
  it.each<[string, RiskClass]>([
    // IAM access level
    ['ec2 describe-instances', 'read_only'],
    ['sts get-caller-identity', 'read_only'],
    ['rds describe-db-instances', 'read_only'],
    ['elbv2 describe-load-balancers', 'read_only'],
    ['configservice describe-config-rules', 'read_only'],
    ['deploy list-applications', 'read_only'],
    ['logs filter-log-events', 'read_only'],
    ['dynamodb scan', 'read_only'],
    ['ec2 start-instances', 'mutating'],
    ['ec2 create-tags', 'mutating'],
    ['s3api put-object', 'mutating'],
    ['s3api put-bucket-policy', 'destructive'],
    ['iam attach-user-policy', 'destructive'],
    // rights and data handed out, which IAM lists as plain writes
    ['rds modify-db-snapshot-attribute', 'destructive'],
    ['ec2 modify-image-attribute', 'destructive'],
    ['xray put-resource-policy', 'destructive'],
    ['xray list-resource-policies', 'read_only'],
    ['securitylake register-data-lake-delegated-administrator', 'destructive'],
    ['securitylake get-data-lake-organization-configuration', 'read_only'],
    ['ivs get-stream-key', 'sensitive_read'],
    ['sagemaker start-session', 'destructive'],
    ['ecs run-task', 'destructive'],
    // operations without an action of their own name
    ['s3api list-objects-v2', 'read_only'],
    ['s3api head-bucket', 'read_only'],
    ['s3api get-public-access-block', 'read_only'],
    ['s3api delete-public-access-block', 'destructive'],
    ['s3api delete-objects', 'destructive'],
    ['apigateway get-rest-apis', 'read_only'],
    ['apigateway delete-rest-api', 'destructive'],
    ['apigateway update-rest-api', 'mutating'],
    ['ec2 wait instance-stopped', 'read_only'],
    // verbs
    ['ec2 stop-instances', 'destructive'],
    ['ec2 terminate-instances', 'destructive'],
    ['cognito-idp admin-delete-user', 'destructive'],
    ['kms schedule-key-deletion', 'destructive'],
    ['ec2 detach-volume', 'destructive'],
    ['cloudtrail stop-logging', 'destructive'],
    ['guardduty disable-organization-admin-account', 'destructive'],
    ['logs start-query', 'mutating'],
    ['sqs receive-message', 'mutating'],
    ['configservice deliver-config-snapshot', 'mutating'],
    // sensitive reads
    ['secretsmanager get-secret-value', 'sensitive_read'],
    ['ssm get-parameter', 'read_only'],
    ['ssm get-parameter --with-decryption', 'sensitive_read'],
    ['ssm get-parameters-by-path --with-dec', 'sensitive_read'],
    ['sts get-session-token', 'sensitive_read'],
    ['ecr get-login-password', 'sensitive_read'],
    ['eks get-token', 'sensitive_read'],
    ['rds generate-db-auth-token', 'sensitive_read'],
    ['lambda get-function', 'sensitive_read'],
    ['ec2 get-password-data', 'sensitive_read'],
    ['gamelift get-compute-auth-token', 'sensitive_read'],
    ['storagegateway describe-chap-credentials', 'sensitive_read'],
    ['acm export-certificate', 'mutating'],
    // privileges
    ['organizations list-accounts', 'read_only'],
    ['organizations close-account', 'destructive'],
    ['iam create-access-key', 'destructive'],
    ['iam create-login-profile', 'destructive'],
    // remote code and statements
    ['ssm send-command', 'destructive'],
    ['ssm start-session', 'destructive'],
    ['ecs execute-command', 'destructive'],
    ['lambda invoke', 'destructive'],
    ['dynamodb execute-statement', 'mutating'],
    ['athena start-query-execution', 'mutating'],
    // high-level s3
    ['s3 ls s3://bucket --recursive', 'read_only'],
    ['s3 cp s3://bucket/key .', 'sensitive_read'],
    ['s3 cp s3://bucket/key -', 'sensitive_read'],
    ['s3 cp - s3://bucket/key', 'mutating'],
    ['s3 cp --include s3://decoy file s3://bucket/key', 'mutating'],
    ['s3 cp file s3://bucket/key --include decoy', 'mutating'],
    ['s3 cp file s3://bucket/key', 'mutating'],
    ['s3 cp s3://a/key s3://b/key', 'mutating'],
    ['s3 sync . s3://bucket', 'mutating'],
    ['s3 sync . s3://bucket --delete', 'destructive'],
    ['s3 mv s3://a s3://b', 'destructive'],
    ['s3 rm s3://bucket/key', 'destructive'],
    ['s3 rb s3://bucket --force', 'destructive'],
    ['s3 presign s3://bucket/key', 'sensitive_read'],
    // unknown
    ['ec2 frobnicate-instances', 'mutating'],
    ['nosuchservice list-things', 'mutating'],
    ['configure set', 'mutating'],
    ['constructor constructor', 'mutating'],
    ['ec2 constructor', 'mutating'],
  ])('%s is %s', async (line, risk) => {
    expect(await classOf(line)).toBe(risk);
  });

  it.each<[string, Extra]>([
    ['rds modify-db-instance --force-failover', {}],
    ['rds modify-db-instance', { parameters: { 'skip-final-snapshot': true } }],
    ['rds modify-db-instance', { parameters: { SkipFinalSnapshot: true } }],
    ['rds modify-db-instance --skip-final', {}],
    ['rds modify-db-instance', { parameters: { DeletionProtection: false } }],
    ['ec2 modify-instance-attribute', { parameters: { DisableApiTermination: { Value: false } } }],
    ['s3 cp --recursive a s3://b', {}],
  ])('%s %j is raised to destructive by its flags', async (line, extra) => {
    expect(await classOf(line, extra)).toBe('destructive');
  });

  it('names the IAM actions', async () => {
    const stop = await classify(
      { type: 'aws_cli', service: 'ec2', operation: 'stop-instances' },
      options,
    );
    expect(stop.actions).toEqual(['ec2:StopInstances']);
    expect(stop.reasons).toEqual([
      'ec2:StopInstances has access level Write',
      '"stop" takes something away',
    ]);
  });

  it('lets the host list remote code and programs', async () => {
    const command = { type: 'aws_cli', service: 'lambda', operation: 'invoke' } as const;
    const listed = {
      programs: { ...defaultPrograms, jq: 'read_only' as const },
      allowedRemoteCode: new OperationPatterns(['lambda invoke']),
    };
    expect((await classify(command, listed)).risk).toBe('mutating');
    expect((await classify({ type: 'exec', program: 'jq' }, listed)).risk).toBe('read_only');
    expect((await classify({ type: 'exec', program: './jq' }, listed)).risk).toBe('destructive');
    expect((await classify({ type: 'exec', program: 'toString' }, listed)).risk).toBe(
      'destructive',
    );
  });

  it('knows nothing of shells and scripts', async () => {
    expect((await classify({ type: 'shell', command: 'echo' }, options)).risk).toBe('destructive');
    expect((await classify({ type: 'script', content: 'echo' }, options)).risk).toBe('destructive');
    expect((await classify({ type: 'exec', program: 'echo' }, options)).risk).toBe('read_only');
  });

  it('matches patterns as a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(
        text,
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }),
        (glob, value) => {
          const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(value);
          expect(matchesGlob(glob, value)).toBe(expected);
        },
      ),
    );
  });
});

describe('classifyCommand', () => {
  it('takes a command of the host with its own lists', async () => {
    const invoke = { type: 'aws_cli', service: 'lambda', operation: 'invoke' } as const;
    expect((await classifyCommand(invoke)).risk).toBe('destructive');
    const listed = await classifyCommand(invoke, { allowedRemoteCode: ['lambda invoke'] });
    expect(listed.risk).toBe('mutating');
    const known = { programs: { 'terraform-plan': 'read_only' } } as const;
    const program = { type: 'exec', program: 'terraform-plan' } as const;
    expect((await classifyCommand(program, known)).risk).toBe('read_only');
  });

  it('looks at flags, and names the IAM actions', async () => {
    const { risk, actions } = await classifyCommand({
      type: 'aws_cli',
      service: 'rds',
      operation: 'modify-db-instance',
      parameters: { 'deletion-protection': false },
    });
    expect(risk).toBe('destructive');
    expect(actions).toEqual(['rds:ModifyDBInstance']);
  });
});
