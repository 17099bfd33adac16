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
] as const;
const environments = ['production', 'staging', 'development', 'test'] as const;
const kinds = ['web server', 'database', 'worker', 'cache', 'queue consumer'] as const;
/** Ten types, each of which a tenth of the estate has. */
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
] as const;
const regions = ['eu-west-1', 'eu-central-1', 'us-east-1'] as const;

/** Numbers that are the same in every run (a linear congruential generator; quality does not matter here). */
function generator(seed: number): () => number {
  let state = Math.imul(seed, 2654435761) | 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 4294967296;
  };
  // Neighbouring seeds begin alike.
  for (let skip = 0; skip < 4; skip += 1) next();
  return next;
}

function pick<T>(random: () => number, items: readonly [T, ...T[]]): T {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

const random = generator(7);
/** Texts about alike things have vectors close to each other: 50 clouds. */
const centers = Array.from({ length: 50 }, () =>
  Float32Array.from({ length: 384 }, () => random() - 0.5),
);

/** A vector of the cloud that a number belongs to. */
export function vectorNear(index: number): Float32Array {
  const own = generator(index + 1);
  const center = centers[index % centers.length] ?? new Float32Array(384);
  return center.map((value) => value + (own() - 0.5) * 0.8);
}

/** A resource of about 1 KB JSON, as a scan gives it. */
export function recordOf(index: number): EstateUpsertItem['record'] {
  const own = generator(index + 1_000_000);
  const application = pick(own, applications);
  const environment = pick(own, environments);
  const type = pick(own, types);
  const [service = '', kind = ''] = type.split(':');
  const id = `${kind.slice(0, 3)}-${Math.floor(own() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}${index.toString(16).padStart(9, '0')}`;
  const identity = {
    account_id: `11111111111${Math.floor(own() * 3)}`,
    region: pick(own, regions),
    resource_id: `${type}/${id}`,
  };
  const name = `${application}-${environment}-${index}`;
  const team = Math.floor(own() * 20);
  const subnet = Math.floor(own() * 100);
  return {
    ...identity,
    key: estateKey(identity),
    service,
    resource_type: type,
    arn: `arn:aws:${service}:${identity.region}:${identity.account_id}:${kind}/${id}`,
    name,
    state: 'running',
    tags: { Name: name, env: environment, app: application, team: `team-${team}` },
    attributes: {
      InstanceType: 't3.large',
      ImageId: 'ami-0123456789abcdef0',
      LaunchTime: '2026-01-01T00:00:00Z',
      SubnetId: `subnet-${subnet}`,
      PrivateIpAddress: `10.0.${index % 256}.1`,
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeId: `vol-${id}` } }],
    },
    relations: [{ type: 'subnet', target: `subnet-${subnet}` }],
    permissions: {
      principal_arn: 'arn:aws:iam::111111111111:user/someone',
      allowed: ['ec2:StartInstances', 'ec2:StopInstances', 'ec2:RebootInstances'],
      denied: ['ec2:TerminateInstances'],
      conditional: [],
      evaluated_at: '2026-01-01T00:00:00Z',
      status: 'evaluated',
    },
    text: `${pick(own, kinds)} of ${application} in ${environment}, ${identity.region}, team ${team}`,
    embedding: { model: 'bench', text_hash: String(index) },
  };
}

/** Resources from a number on, with their vectors. */
export function resources(start: number, count: number): EstateUpsertItem[] {
  return Array.from({ length: count }, (_, at) => ({
    record: recordOf(start + at),
    vector: vectorNear(start + at),
  }));
}

/** What is searched for: words that a quarter of the estate has, and rare ones. */
export const searchTexts = [
  'production database for checkout',
  'idle staging web servers',
  'billing worker of team 7',
  'cache of the search in production',
] as const;

/** The vector of a question. */
export function questionVector(at: number): Float32Array {
  return vectorNear(at * 37 + 1_000_003);
}
