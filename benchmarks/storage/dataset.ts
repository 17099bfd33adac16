import { estateKey, type EstateUpsertItem } from 'cloudops-storage-service';

const applications = [
  'checkout',
  'billing',
  'search',
  'catalog',
  'shipping',
  'login',
  'reports',
  'mail',
  'gateway',
  'inventory',
];
const environments = ['production', 'staging', 'development', 'test'];
const kinds = ['web server', 'database', 'worker', 'cache', 'queue consumer'];
const types = [
  'ec2:instance',
  'ec2:volume',
  'rds:db',
  's3:bucket',
  'lambda:function',
  'ec2:subnet',
  'ec2:vpc',
  'ec2:security-group',
  'rds:cluster',
  'ec2:network-interface',
];
const regions = ['eu-west-1', 'eu-central-1', 'us-east-1'];

/** Numbers that are the same in every run (a linear congruential generator; quality does not matter here). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 4294967296;
  };
}

const random = generator(7);
/** Texts about alike things have vectors close to each other: 50 clouds. */
const centers = Array.from({ length: 50 }, () =>
  Float32Array.from({ length: 384 }, () => random() - 0.5),
);

/** A vector of the cloud that a number belongs to. */
export function vectorNear(index: number): Float32Array {
  const own = generator(index + 1);
  const center = at(centers, index);
  return center.map((value) => value + (own() - 0.5) * 0.8);
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('There is nothing to choose from.');
  return item;
}

/** A resource of about 1 KB JSON with its vector. */
export function resourceOf(index: number): EstateUpsertItem {
  const application = at(applications, index);
  const environment = at(environments, index >> 3);
  const id = `i-${(Math.imul(index, 2654435761) >>> 0).toString(16).padStart(8, '0')}${index.toString(16).padStart(9, '0')}`;
  const identity = {
    account_id: `11111111111${index % 3}`,
    region: at(regions, index),
    resource_id: `ec2:instance/${id}`,
  };
  const name = `${application}-${environment}-${index}`;
  return {
    record: {
      ...identity,
      key: estateKey(identity),
      service: 'ec2',
      resource_type: at(types, index),
      arn: `arn:aws:ec2:${identity.region}:${identity.account_id}:instance/${id}`,
      name,
      state: 'running',
      tags: { Name: name, env: environment, app: application, team: `team-${index % 20}` },
      attributes: {
        InstanceType: 't3.large',
        ImageId: 'ami-0123456789abcdef0',
        LaunchTime: '2026-01-01T00:00:00Z',
        SubnetId: `subnet-${index % 100}`,
        PrivateIpAddress: `10.0.${index % 256}.1`,
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeId: `vol-${id}` } }],
      },
      relations: [{ type: 'subnet', target: `subnet-${index % 100}` }],
      permissions: {
        principal_arn: 'arn:aws:iam::111111111111:user/someone',
        allowed: ['ec2:StartInstances', 'ec2:StopInstances', 'ec2:RebootInstances'],
        denied: ['ec2:TerminateInstances'],
        conditional: [],
        evaluated_at: '2026-01-01T00:00:00Z',
        status: 'evaluated',
      },
      text: `${at(kinds, index)} of ${application} in ${environment}, ${identity.region}, team ${index % 20}`,
      content_hash: `hash-${index}`,
      embedding: { model: 'bench', text_hash: String(index) },
    },
    vector: vectorNear(index),
  };
}

/** What is searched for: words that half of the estate has, and rare ones. */
export const searchTexts = [
  'production database for checkout',
  'idle staging web servers',
  'billing worker of team 7',
  'cache of the search in production',
];
