import { z } from 'zod';
import type { JsonObject } from '../aws/pages.ts';
import { isObject } from '../aws/pages.ts';
import { AwsCallError } from '../aws/errors.ts';
import type { DiscoveredResource } from '../resource.ts';
import { defineServiceScanner, type ScanContext } from '../service-scanner.ts';
import { Count, Names, Text, Time, arnEdges, edges } from './projection.ts';
import { regionTags, tagsOf } from './tagged.ts';

/** Values of the environment are secrets: only their names leave the CLI. */
const FIELDS = `{name: FunctionName, arn: FunctionArn, state: State, runtime: Runtime, handler: Handler, role: Role,
  description: Description, memory_mb: MemorySize, timeout_s: Timeout, modified: LastModified, package: PackageType,
  code_bytes: CodeSize, code_hash: CodeSha256, architectures: Architectures, vpc: VpcConfig.VpcId,
  subnets: VpcConfig.SubnetIds, groups: VpcConfig.SecurityGroupIds, layers: Layers[].Arn, kms: KMSKeyArn,
  dead_letters: DeadLetterConfig.TargetArn, tracing: TracingConfig.Mode,
  variables: Environment.Variables && keys(Environment.Variables)}`;

const LambdaFunction = z.object({
  name: z.string(),
  arn: z.string(),
  state: Text,
  runtime: Text,
  handler: Text,
  role: Text,
  description: Text,
  memory_mb: Count,
  timeout_s: Count,
  modified: Time,
  package: Text,
  code_bytes: Count,
  code_hash: Text,
  architectures: Names,
  vpc: Text,
  subnets: Names,
  groups: Names,
  layers: Names,
  kms: Text,
  dead_letters: Text,
  tracing: Text,
  variables: Names,
});

/** More wanted functions than this, and listing all of them takes fewer calls. */
const SINGLE_READS = 3;

/** Lambda functions. One call per region, and one for tags where there are functions. */
export const lambdaScanner = defineServiceScanner({
  service: 'lambda',
  resourceTypes: ['lambda:function'],
  requiredPermissions: ['lambda:ListFunctions', 'lambda:GetFunction', 'tag:GetResources'],
  words: { 'lambda:function': 'Lambda function, serverless code' },
  actions: {
    'lambda:function': {
      onResource: [
        'lambda:InvokeFunction',
        'lambda:GetFunction',
        'lambda:UpdateFunctionCode',
        'lambda:UpdateFunctionConfiguration',
        'lambda:PublishVersion',
        'lambda:PutFunctionConcurrency',
        'lambda:TagResource',
        'lambda:DeleteFunction',
      ],
    },
  },
  async *scan(context) {
    for await (const item of functions(context)) yield await toResource(context, item);
  },
});

async function* functions(context: ScanContext): AsyncGenerator<JsonObject> {
  const wanted = context.wanted('lambda:function');
  if (wanted === null || wanted.length > SINGLE_READS) {
    yield* context.list('lambda', 'list-functions', {
      query: `Functions[].${FIELDS}`,
      pageSize: 50,
    });
    return;
  }
  for (const name of wanted) {
    try {
      const found = await context.aws(
        'lambda',
        'get-function',
        { FunctionName: name },
        { query: `Configuration.${FIELDS}` },
      );
      if (isObject(found)) yield found;
    } catch (error) {
      if (!AwsCallError.is(error, 'not_found')) throw error;
    }
  }
}

async function toResource(context: ScanContext, item: JsonObject): Promise<DiscoveredResource> {
  const found = LambdaFunction.parse(item);
  const tags = tagsOf(await regionTags(context, context.region), found.arn);
  return {
    resource_type: 'lambda:function',
    id: found.name,
    arn: found.arn,
    name: found.name,
    state: found.state,
    tags,
    // Lambda tells when a function was changed, never when it was made.
    created_at: null,
    attributes: {
      runtime: found.runtime,
      handler: found.handler,
      description: found.description,
      memory_mb: found.memory_mb,
      timeout_s: found.timeout_s,
      modified_at: found.modified,
      package_type: found.package,
      code_bytes: found.code_bytes,
      code_sha256: found.code_hash,
      architectures: found.architectures,
      vpc_id: found.vpc,
      tracing: found.tracing,
      environment_names: found.variables,
    },
    relations: [
      ...arnEdges('runs_as', [found.role]),
      ...edges('in_vpc', 'ec2:vpc', [found.vpc]),
      ...edges('in_subnet', 'ec2:subnet', found.subnets),
      ...edges('uses_security_group', 'ec2:security-group', found.groups),
      ...arnEdges('uses_layer', found.layers),
      ...arnEdges('encrypted_by', [found.kms]),
      ...arnEdges('dead_letters_to', [found.dead_letters]),
    ],
    search_words: [found.runtime ?? '', found.description ?? ''],
  };
}
