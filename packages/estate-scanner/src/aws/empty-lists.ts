import type { AwsCall, AwsCli } from './cli.ts';
import { AwsCallError } from './errors.ts';

/**
 * Services that speak JSON and always name the list in their answer, also an empty one. Of what is no JSON (the page of a proxy, with
 * status 200) the AWS CLI makes an answer without any field, and of that an empty list.
 */
const ALWAYS_NAMED: ReadonlySet<string> = new Set([
  'dynamodb',
  'ecr',
  'ecs',
  'eks',
  'kms',
  'lambda',
  'resourcegroupstaggingapi',
  'secretsmanager',
]);

const proven = new WeakMap<object, Set<string>>();

/** Notes that a service has answered in a region with something. */
export function answered(cli: object, { service, region = '' }: AwsCall): void {
  const known = proven.get(cli) ?? new Set<string>();
  proven.set(cli, known);
  known.add(`${service} ${region}`);
}

/**
 * Makes sure that a list is empty and not the remains of something else, where the service is one that can tell: a call, once for a
 * service and region that has answered with nothing yet.
 *
 * @throws AwsCallError `ResponseInvalid` where the answer was none of the service's
 */
export async function proveEmpty(
  cli: Pick<AwsCli, 'call'>,
  { service, operation, parameters, region }: AwsCall,
  signal: AbortSignal,
): Promise<void> {
  const where = `${service} ${region ?? ''}`;
  if (!ALWAYS_NAMED.has(service) || proven.get(cli)?.has(where) === true) return;
  const call: AwsCall = {
    service,
    operation,
    ...(parameters && { parameters }),
    ...(region !== undefined && { region }),
    args: ['--no-paginate'],
    query: 'keys(@)',
  };
  const names = await cli.call(call, signal);
  if (Array.isArray(names) && names.length > 0) {
    answered(cli, call);
    return;
  }
  throw new AwsCallError(`${service} ${operation}`, {
    kind: 'server',
    code: 'ResponseInvalid',
    message: 'the answer has no field of the service: something on the way answered in its place',
    scp: false,
  });
}
