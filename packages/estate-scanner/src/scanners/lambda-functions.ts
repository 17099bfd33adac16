import { z } from 'zod';
import { AwsCallError } from '../aws/errors.ts';
import { isObject, type JsonObject } from '../aws/pages.ts';
import type { DiscoveredRelation, DiscoveredResource } from '../resource.ts';
import type { ScanContext } from '../service-scanner.ts';
import { type Published, publishedVersions, readAliases } from './lambda-versions.ts';
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

/** Finds functions: all with one call, or the few that a refresh wants one by one. */
export async function* readFunctions(context: ScanContext): AsyncGenerator<DiscoveredResource> {
  const wanted = context.wanted('lambda:function');
  const single = wanted !== null && wanted.length <= SINGLE_READS ? wanted : null;
  let published: Published | undefined;
  const described = context.mapResources(items(context, single), async (item) => {
    const found = LambdaFunction.parse(item);
    if (wanted !== null && !wanted.includes(found.name)) return null;
    published ??= publishedVersions(context, single);
    return toResource(context, found, await published);
  });
  for await (const resource of described) if (resource !== null) yield resource;
}

async function* items(
  context: ScanContext,
  single: readonly string[] | null,
): AsyncGenerator<JsonObject> {
  if (single === null) {
    const query = `Functions[].${FIELDS}`;
    yield* context.list('lambda', 'list-functions', { query, pageSize: 50 });
    return;
  }
  for (const FunctionName of single) {
    try {
      const query = `Configuration.${FIELDS}`;
      const options = { query, isAnswer: isObject };
      const found = await context.aws('lambda', 'get-function', { FunctionName }, options);
      if (isObject(found)) yield found;
    } catch (error) {
      if (!AwsCallError.is(error, 'not_found')) throw error;
    }
  }
}

async function toResource(
  context: ScanContext,
  found: z.infer<typeof LambdaFunction>,
  published: Awaited<Published>,
): Promise<DiscoveredResource> {
  const tags = tagsOf(await regionTags(context, context.region), found.arn);
  const versions = published?.get(found.name) ?? (published === null ? null : 0);
  const aliases = await readAliases(context, found.name, versions);
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
      layer_version_arns: found.layers,
      published_versions: versions,
      aliases,
    },
    relations: [
      ...arnEdges('runs_as', [found.role]),
      ...edges('in_vpc', 'ec2:vpc', [found.vpc]),
      ...edges('in_subnet', 'ec2:subnet', found.subnets),
      ...edges('uses_security_group', 'ec2:security-group', found.groups),
      ...found.layers.flatMap(layerEdge),
      ...arnEdges('encrypted_by', [found.kms]),
      ...arnEdges('dead_letters_to', [found.dead_letters]),
    ],
    search_words: [found.runtime ?? '', found.description ?? ''],
  };
}

/** An edge to the layer of a version, in whatever account and region: `arn:P:lambda:R:ACCOUNT:layer:NAME:VERSION`. */
function layerEdge(version: string): DiscoveredRelation[] {
  const [, , service, region, account_id, kind, id] = version.split(':');
  if (service !== 'lambda' || kind !== 'layer' || !region || !account_id || !id) {
    return arnEdges('uses_layer', [version]);
  }
  return [{ type: 'uses_layer', resource_type: 'lambda:layer', id, account_id, region }];
}
