import type { Estate } from './estate.ts';

const regions = ['eu-west-1', 'us-east-1', 'eu-central-1', 'ap-southeast-2'];

/** Gives each region its networks: production and, in the first two, a shared one for everything else. */
export function addNetworks(estate: Estate): void {
  for (const [index, region] of regions.entries()) {
    for (const env of index < 2 ? ['production', 'staging'] : ['production']) {
      addNetwork(estate, region, env);
    }
    estate.add(region, 'ec2 describe-key-pairs', {
      app: 'network',
      type: 'ec2:key-pair',
      id: `operators-${region}`,
      item: { kind: 'ed25519' },
    });
  }
}

function addNetwork(estate: Estate, region: string, env: string): void {
  const short = env === 'production' ? 'prod' : 'stg';
  const about = { app: 'network', env, region };
  const tags = (name: string) => [
    { Key: 'Name', Value: `${short}-${name}` },
    { Key: 'Environment', Value: env },
    { Key: 'Team', Value: 'sre' },
  ];
  const vpc = estate.newId('vpc');
  estate.add(region, 'ec2 describe-vpcs', {
    ...about,
    type: 'ec2:vpc',
    id: vpc,
    item: { state: 'available', tags: tags('vpc'), cidr: '10.0.0.0/16', is_default: false },
  });
  for (const kind of ['public', 'private', 'data']) {
    for (const zone of ['a', 'b']) {
      estate.add(region, 'ec2 describe-subnets', {
        ...about,
        type: 'ec2:subnet',
        id: estate.newId('subnet'),
        part: kind,
        item: {
          state: 'available',
          tags: tags(`${kind}-${zone}`),
          vpc,
          zone: `${region}${zone}`,
          cidr: '10.0.0.0/24',
          public_ips: kind === 'public',
          is_default: false,
        },
      });
    }
  }
  for (const [name, open, description] of [
    ['web-public', true, 'HTTPS from everywhere'],
    ['bastion-ssh', env === 'staging', 'SSH for operators'],
    ['database-internal', false, 'Postgres and MySQL from the applications'],
  ] as const) {
    const rule = {
      protocol: 'tcp',
      from: 443,
      to: 443,
      ranges: [open ? '0.0.0.0/0' : '10.0.0.0/8'],
    };
    estate.add(region, 'ec2 describe-security-groups', {
      ...about,
      type: 'ec2:security-group',
      id: estate.newId('sg'),
      part: name,
      isPublic: open,
      item: { group_name: `${short}-${name}`, description, tags: [], vpc, ingress: [rule] },
    });
  }
  estate.add(region, 'ec2 describe-route-tables', {
    ...about,
    type: 'ec2:route-table',
    id: estate.newId('rtb'),
    item: { tags: tags('public-routes'), vpc, routes: [{ to: '0.0.0.0/0', target: 'igw-1' }] },
  });
  estate.add(region, 'ec2 describe-nat-gateways', {
    ...about,
    type: 'ec2:natgateway',
    id: estate.newId('nat'),
    item: { state: 'available', tags: tags('nat'), vpc, connectivity: 'public' },
  });
  estate.add(region, 'ec2 describe-internet-gateways', {
    ...about,
    type: 'ec2:internet-gateway',
    id: estate.newId('igw'),
    item: { tags: tags('igw'), vpcs: [vpc], states: ['available'] },
  });
}
