import { describe, expect, it } from 'vitest';
import type { DiscoveredResource } from '../../src/resource.ts';
import { AwsCallError, defineServiceScanner, type ScanContext } from '../../src/plugin.ts';
import type { ServiceScannerDefinition } from '../../src/service-scanner.ts';
import { type ContractSubject, describeServiceScanner } from '../../src/testing.ts';
import { uncoveredCalls } from '../../src/testing/permissions.ts';
import { queueCli } from '../support/queue-cli.ts';

const arnOf = (name: string) => `arn:aws:sqs:eu-west-1:123456789012:${name}`;

/** What the sound scanner yields for a queue. */
function queue(url: unknown): DiscoveredResource {
  const id = String(url).split('/').at(-1) ?? '';
  return { resource_type: 'sqs:queue', id, arn: arnOf(id), name: id, tags: null };
}

type Change = (resource: DiscoveredResource) => DiscoveredResource;

function scanWith(change: Change) {
  return async function* (context: ScanContext) {
    for await (const { value } of context.list('sqs', 'list-queues', { query: 'QueueUrls' })) {
      yield change(queue(value));
    }
  };
}

const sound: ServiceScannerDefinition = {
  service: 'queues',
  resourceTypes: ['sqs:queue'],
  requiredPermissions: ['sqs:ListQueues'],
  words: { 'sqs:queue': 'queue' },
  scan: scanWith((resource) => resource),
};

/** Runs the contract and returns the titles of the tests that fail, and what they said. */
async function failuresOf(
  definition: Partial<ServiceScannerDefinition>,
  more: Partial<ContractSubject> = {},
): Promise<Record<string, string>> {
  const failures: Record<string, string> = {};
  const running: Promise<void>[] = [];
  const tools = {
    describe: (_title: string, define: () => void) => define(),
    it: (title: string, test: () => Promise<void>) => {
      running.push(
        test().catch((error: unknown) => {
          failures[title] = error instanceof Error ? error.message : String(error);
        }),
      );
    },
    expect: (value: unknown) => ({
      toEqual: (expected: unknown) => {
        if (JSON.stringify(value) !== JSON.stringify(expected))
          throw new Error(JSON.stringify(value));
      },
    }),
  };
  const scanner = defineServiceScanner({ ...sound, ...definition });
  const subject = { scanner, engine: queueCli, region: 'eu-west-1', ...more };
  describeServiceScanner(tools, subject);
  await Promise.all(running);
  return failures;
}

const titles = {
  itself: 'says what its types are and which permissions its calls need',
  whole: 'finds every type completely, each resource once and whole',
  again: 'finds the same again',
  permissions: 'names the permission of every call it makes',
  refusals: 'tells of a call that AWS refuses, and takes it for nothing else',
  refresh: 'finds one resource again, and misses one that is not there',
};

let runs = 0;

describe('the contract of service scanners', () => {
  it('is passed by a scanner that is sound', async () => {
    expect(await failuresOf({})).toEqual({});
  });

  it.each<[mistake: string, where: string, says: RegExp, Partial<ServiceScannerDefinition>]>([
    ['no words for a type', titles.itself, /sqs:queue/u, { words: {} }],
    ['no permissions', titles.itself, /is empty/u, { requiredPermissions: [] }],
    [
      'a type that it never finds',
      titles.whole,
      /sqs:topic/u,
      { resourceTypes: ['sqs:queue', 'sqs:topic'] },
    ],
    [
      'a type that it does not declare',
      titles.whole,
      /not one of its resourceTypes/u,
      { scan: scanWith((found) => ({ ...found, resource_type: 'sqs:topic' })) },
    ],
    [
      'one id for everything',
      titles.whole,
      /ids that are not unique":\["sqs:queue queue/u,
      { scan: scanWith((found) => ({ ...found, id: 'queue' })) },
    ],
    [
      'an ARN of a fixed region',
      titles.whole,
      /another account, region or partition":\["123456789012/u,
      {
        scan: scanWith((found) => ({
          ...found,
          arn: String(found.arn).replace('eu-west-1', 'us-east-1'),
        })),
      },
    ],
    [
      'an ARN of a fixed partition',
      titles.whole,
      /another account, region or partition":\["123456789012/u,
      {
        scan: scanWith((found) => ({
          ...found,
          arn: String(found.arn).replace('aws', 'aws-cn'),
        })),
      },
    ],
    [
      'an ARN of another service',
      titles.whole,
      /another service":\["123456789012/u,
      { scan: scanWith((found) => ({ ...found, arn: String(found.arn).replace('sqs', 'sns') })) },
    ],
    [
      'an ARN of something else',
      titles.whole,
      /do not have the id":\["123456789012/u,
      { scan: scanWith((found) => ({ ...found, arn: arnOf('other') })) },
    ],
    [
      'an ARN that its tags are not under',
      titles.whole,
      /tags that no resource has":\["arn:aws:sqs:eu-west-1:123456789012:orders"\]/u,
      {
        async *scan(context) {
          const query = 'ResourceTagMappingList';
          await context.aws('resourcegroupstaggingapi', 'get-resources', {}, { query });
          yield* scanWith((found) => ({ ...found, arn: arnOf(`queue/${found.id}`) }))(context);
        },
      },
    ],
    [
      'null in place of a resource',
      titles.whole,
      /yielded null, which is no resource/u,
      {
        async *scan(context) {
          for await (const found of scanWith((one) => one)(context)) {
            yield found;
            yield JSON.parse('null');
          }
        },
      },
    ],
    [
      'a promise in place of resources',
      titles.whole,
      /async \*scan/u,
      { scan: (context) => Object(Promise.resolve([context.region])) },
    ],
    [
      'undefined among the attributes',
      titles.whole,
      /must be JSON.*attributes\.size/u,
      { scan: scanWith((found) => ({ ...found, attributes: Object({ size: undefined }) })) },
    ],
    [
      'a region that was not asked for',
      titles.whole,
      /outside of the region/u,
      { scan: scanWith((found) => ({ ...found, arn: null, region: 'us-east-1' })) },
    ],
    [
      'a text of something that is missing',
      titles.whole,
      /missing":\["123456789012/u,
      {
        scan: scanWith((found) => ({
          ...found,
          relations: [{ type: 'in_vpc', resource_type: 'ec2:vpc', id: String(undefined) }],
        })),
      },
    ],
    [
      'a time of another form',
      titles.whole,
      /RFC 3339":\["123456789012/u,
      { scan: scanWith((found) => ({ ...found, created_at: '1763800000' })) },
    ],
    [
      'attributes that are no JSON',
      titles.whole,
      /INVALID_SCANNER/u,
      {
        scan: scanWith((found) => ({
          ...found,
          attributes: { size: Number.NaN },
        })),
      },
    ],
    [
      'a figure that changes with every scan',
      titles.again,
      /sqs:queue/u,
      { scan: scanWith((found) => ({ ...found, attributes: { waiting: (runs += 1) } })) },
    ],
    [
      'a call without its permission',
      titles.permissions,
      /sqs list-queues/u,
      { requiredPermissions: ['sqs:GetQueueAttributes'] },
    ],
    [
      'a refusal that is swallowed',
      titles.refusals,
      /nobody is told of":\["sqs list-queues/u,
      {
        async *scan(context) {
          try {
            yield* scanWith((found) => found)(context);
          } catch (error) {
            if (!AwsCallError.is(error)) throw error;
          }
        },
      },
    ],
    [
      'an error of its own in place of a refusal',
      titles.refusals,
      /break it":\["sqs list-queues/u,
      {
        async *scan(context) {
          try {
            yield* scanWith((found) => found)(context);
          } catch {
            throw new TypeError('queues is undefined');
          }
        },
      },
    ],
    [
      'another resource in a refresh',
      titles.refresh,
      /sqs:queue\/orders/u,
      {
        scan: async function* (context) {
          const seen = context.wanted('sqs:queue') === null ? 'all' : 'one';
          yield* scanWith((found) => ({ ...found, attributes: { seen } }))(context);
        },
      },
    ],
    [
      'an error for what a refresh does not find',
      titles.refresh,
      /INVALID_SCANNER/u,
      {
        async *scan(context) {
          const wanted = context.wanted('sqs:queue') ?? [];
          if (wanted.some((id) => id.endsWith('not-there'))) throw new Error('no such queue');
          yield* scanWith((found) => found)(context);
        },
      },
    ],
  ])('finds %s', async (_mistake, where, says, definition) => {
    const failures = await failuresOf(definition);
    expect(Object.keys(failures)).toContain(where);
    expect(failures[where]).toMatch(says);
  });

  it('finds a secret that the endpoint holds', async () => {
    const scan = scanWith((found) => ({ ...found, attributes: { policy: 'password=hunter2' } }));
    const failures = await failuresOf({ scan }, { secrets: ['hunter2'] });
    expect(failures[titles.whole]).toMatch(/secrets in a resource":\["hunter2"\]/u);
  });
});

describe('uncoveredCalls', () => {
  it('knows calls whose action has another name, and those that a plugin names', () => {
    const calls = [
      's3api list-buckets',
      'apigateway get-rest-apis',
      'elbv2 describe-load-balancers',
    ];
    expect(uncoveredCalls(calls, [])).toEqual(calls);
    const required = [
      's3:ListAllMyBuckets',
      'apigateway:GET',
      'elasticloadbalancing:DescribeLoadBalancers',
    ];
    const names = { 'apigateway get-rest-apis': 'apigateway:GET' };
    expect(uncoveredCalls(calls, required, names)).toEqual([]);
  });
});
