import { expectSuccess, query } from '../moto/api.ts';
import type { MotoClient } from '../moto/client.ts';
import { elementText } from '../moto/xml.ts';
import { services, shortEnvironment, tagsOf } from './company.ts';
import { type Naming, nameSequence } from './names.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';

/** A zip file with nothing in it (only the end-of-directory record): moto does not look inside unless it is invoked. */
const emptyZip = `UEsFBg${'A'.repeat(24)}==`;
const runtimes = ['nodejs22.x', 'python3.12', 'python3.13'] as const;
const jobs = ['webhook', 'resize', 'export', 'cleanup', 'notify', 'ingest'] as const;
const roleName = 'lambda-execution';

/** The role that every function runs as. */
export async function createFunctionRole(moto: MotoClient): Promise<string> {
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'lambda.amazonaws.com' },
        Action: 'sts:AssumeRole',
      },
    ],
  };
  const made = await query(moto, 'iam', 'us-east-1', 'CreateRole', {
    RoleName: roleName,
    Path: '/service/',
    AssumeRolePolicyDocument: JSON.stringify(trust),
  });
  return elementText(made, 'Arn') ?? '';
}

/** Makes exactly that many functions in a region. */
export async function createFunctions(
  moto: MotoClient,
  region: string,
  networks: readonly [Network, ...Network[]],
  roleArn: string,
  count: number,
  random: Random,
): Promise<void> {
  const names = nameSequence(services, networks);
  for (let index = 0; index < count; index += 1) {
    const naming = names.next();
    const job = jobs[index % jobs.length] ?? 'webhook';
    const answer = await moto({
      service: 'lambda',
      region,
      path: '/2015-03-31/functions',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(functionRequest(naming, job, roleArn, random)),
    });
    expectSuccess(answer, 'lambda:CreateFunction');
  }
}

function functionRequest(
  { service, network, ordinal }: Naming,
  job: string,
  roleArn: string,
  random: Random,
) {
  const environment = shortEnvironment[network.environment];
  const number = ordinal === 1 ? '' : `-${ordinal}`;
  const tags = tagsOf(service, network.environment);
  return {
    FunctionName: `${service.name}-${job}-${environment}${number}`,
    Description: `${job} of ${service.name}`,
    Runtime: random.pick(runtimes),
    Handler: 'index.handler',
    Role: roleArn,
    MemorySize: random.pick([128, 256, 512, 1024]),
    Timeout: random.pick([3, 30, 60]),
    Code: { ZipFile: emptyZip },
    Environment: {
      Variables: { LOG_LEVEL: 'info', API_TOKEN: `not-a-secret-${random.between(1000, 9999)}` },
    },
    Tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
    ...(random.chance(0.3)
      ? {
          VpcConfig: {
            SubnetIds: network.privateSubnets,
            SecurityGroupIds: [network.securityGroups.app],
          },
        }
      : {}),
  };
}
