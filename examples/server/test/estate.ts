import type { ContextResource, PlaybookRequest } from 'cloudops-request-builder/protocol';

const ACCOUNT = '123456789012';

/** A resource of a request, from what a test says of it. */
export function resource(
  type: string,
  id: string,
  fields: {
    name?: string;
    region?: string;
    state?: string;
    tags?: Record<string, string>;
    attributes?: Record<string, string>;
    relations?: { type: string; target: string }[];
    account?: string;
    denied?: string[];
  } = {},
): Omit<ContextResource, 'ref'> {
  const { region = 'eu-west-1', account = ACCOUNT, denied = [], ...rest } = fields;
  const [service = '', kind = ''] = type.split(':');
  const arn =
    service === 's3'
      ? `arn:aws:s3:::${id}`
      : `arn:aws:${service}:${region}:${account}:${kind}/${id}`;
  return {
    arn,
    type,
    observed_at: '2026-01-31T09:00:00.000Z',
    score: 0.5,
    fields: {
      key: `${account}-${region}-${type}/${id}`,
      region,
      resource_id: `${type}/${id}`,
      state: null,
      ...rest,
    },
    permissions: { allowed: [], denied },
    trust: 'untrusted',
  };
}

let serial = 0;
const instanceId = () => `i-${(0xabc000000 + (serial += 1)).toString(16).padStart(17, '0')}`;

function instance(
  name: string,
  environment: string,
  role: string,
  more: { region?: string; state?: string; tags?: Record<string, string>; denied?: string[] } = {},
) {
  const { tags, ...rest } = more;
  const service = name.split('-')[0] ?? '';
  return resource('ec2:instance', instanceId(), {
    name,
    state: 'running',
    tags: { Name: name, Environment: environment, Role: role, Service: service, ...tags },
    attributes: { instance_type: 't3.medium', vpc_id: 'vpc-0123456789abcdef0' },
    ...rest,
  });
}

const idle = { tags: { Idle: 'true' } };

/** A small company: servers of three environments in two regions, databases, buckets, functions, a network. */
export const estate = [
  instance('catalog-web-staging-01', 'staging', 'web', idle),
  instance('catalog-web-staging-02', 'staging', 'web', { ...idle, region: 'us-east-1' }),
  instance('search-web-staging-01', 'staging', 'web', { ...idle, state: 'stopped' }),
  instance('checkout-web-staging-01', 'staging', 'web'),
  instance('checkout-web-prod-01', 'production', 'web'),
  instance('checkout-web-prod-02', 'production', 'web', { region: 'us-east-1' }),
  instance('checkout-api-prod-01', 'production', 'api'),
  instance('payments-worker-dev-01', 'development', 'worker', idle),
  instance('identity-bastion-prod-01', 'production', 'bastion', { denied: ['ec2:StopInstances'] }),
  resource('rds:db', 'checkout-prod-db', {
    name: 'checkout-prod-db',
    state: 'available',
    tags: { Environment: 'production', Service: 'checkout' },
    attributes: { engine: 'postgres' },
  }),
  resource('rds:db', 'catalog-staging-db', {
    name: 'catalog-staging-db',
    state: 'available',
    tags: { Environment: 'staging', Service: 'catalog' },
    attributes: { engine: 'mysql' },
  }),
  resource('rds:db', 'search-staging-1', {
    name: 'search-staging-1',
    state: 'available',
    tags: { Environment: 'staging', Service: 'search' },
    attributes: { engine: 'aurora-postgresql', cluster_id: 'search-staging' },
  }),
  resource('rds:cluster', 'search-staging', {
    name: 'search-staging',
    state: 'available',
    tags: { Environment: 'staging', Service: 'search' },
    attributes: { engine: 'aurora-postgresql' },
  }),
  resource('s3:bucket', 'northlane-checkout-logs', {
    name: 'northlane-checkout-logs',
    tags: { Environment: 'production', Service: 'checkout' },
  }),
  resource('lambda:function', 'checkout-receipts', {
    name: 'checkout-receipts',
    tags: { Environment: 'production', Service: 'checkout' },
    attributes: { runtime: 'nodejs22.x' },
  }),
  resource('ec2:vpc', 'vpc-0123456789abcdef0', { name: 'main', state: 'available', tags: {} }),
];

/** A request of the wire protocol with a message and resources. */
export function requestOf(
  text: string,
  resources: readonly Omit<ContextResource, 'ref'>[] = estate,
  more: Partial<PlaybookRequest> = {},
): PlaybookRequest {
  return {
    protocol: '1.0',
    request_id: 'req-1',
    conversation_id: 'conversation-1',
    message: { text },
    target: { partition: 'aws', account_id: ACCOUNT, regions: ['eu-west-1', 'us-east-1'] },
    resources: resources.map((one, index) => ({ ref: `r${index + 1}`, ...one })),
    history: [],
    constraints: {
      max_risk: 'destructive',
      step_types: ['aws_cli'],
      strategies: ['serial', 'dependency_graph'],
      max_steps: 50,
    },
    metadata: { client: 'test', budget: { limit: 24_000, used: 0 }, dropped: {}, redactions: {} },
    ...more,
  };
}
