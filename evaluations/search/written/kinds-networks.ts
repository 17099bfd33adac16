import { arnIn, ec2Kind, flag, nameOf, tell } from './kind-parts.ts';
import type { Kind } from './kind.ts';

/** Networks, addresses, ways in. */
export const networks: Readonly<Record<string, Kind>> = {
  vpc: ec2Kind(
    'vpc',
    'vpc',
    'describe-vpcs',
    ({ fields }) => ({ cidr: fields['cidr'], is_default: fields['default'] === 'yes' }),
    { state: 'available' },
  ),
  subnet: ec2Kind(
    'subnet',
    'subnet',
    'describe-subnets',
    ({ fields }, ids) => ({
      vpc: ids('vpc')[0],
      zone: fields['zone'],
      cidr: fields['cidr'],
      public_ips: fields['public'] === 'yes',
      is_default: false,
    }),
    { state: 'available' },
  ),
  sg: ec2Kind('security-group', 'sg', 'describe-security-groups', ({ fields }, ids) => {
    const port = Number(fields['port'] ?? 0);
    const ranges = fields['from'] === undefined ? [] : [fields['from']];
    return {
      group_name: fields['group'],
      description: fields['description'],
      vpc: ids('vpc')[0],
      ingress: ranges.length === 0 ? [] : [{ protocol: 'tcp', from: port, to: port, ranges }],
    };
  }),
  rtb: ec2Kind('route-table', 'rtb', 'describe-route-tables', (_, ids) => ({
    vpc: ids('vpc')[0],
    routes: ids('igw').map((target) => ({ to: '0.0.0.0/0', target })),
  })),
  igw: ec2Kind('internet-gateway', 'igw', 'describe-internet-gateways', (_, ids) => ({
    vpcs: ids('vpc'),
    states: ['available'],
  })),
  nat: ec2Kind(
    'natgateway',
    'nat',
    'describe-nat-gateways',
    ({ fields }, ids) => ({
      vpc: ids('vpc')[0],
      connectivity: 'public',
      public_ips: [fields['ip']],
    }),
    { state: 'available' },
  ),
  endpoint: ec2Kind(
    'vpc-endpoint',
    'vpce',
    'describe-vpc-endpoints',
    ({ fields }, ids) => ({ kind: 'Gateway', service: fields['service'], vpc: ids('vpc')[0] }),
    { state: 'available' },
  ),
  acl: ec2Kind('network-acl', 'acl', 'describe-network-acls', (_, ids) => ({
    attributes: { is_default: false },
    relations: [ids('vpc')],
  })),
  eip: ec2Kind('elastic-ip', 'eipalloc', 'describe-addresses', ({ fields }, ids) => ({
    attributes: { public_ip: fields['public_ip'] },
    relations: [ids('of'), [], [fields['public_ip']]],
    search_words: [fields['of'] === undefined ? 'unattached, unused' : 'in use'],
  })),
  eni: ec2Kind(
    'network-interface',
    'eni',
    'describe-network-interfaces',
    ({ fields }) => ({
      attributes: { description: fields['description'], private_ip: fields['ip'] },
      relations: [[], [], [], [], [fields['ip']]],
      search_words: [fields['description']],
    }),
    { state: 'in-use' },
  ),
  lb: {
    type: 'elasticloadbalancing:loadbalancer',
    idOf: (entry) => `app/${nameOf(entry)}/50dc6c495c0c9188`,
    arnOf: (entry) => arnIn(entry, 'elasticloadbalancing', `loadbalancer/${entry.id}`),
    defaults: { state: 'active' },
    put(answers, entry, written) {
      const { name, arn, fields, region } = entry;
      const { state, kind: type = 'application', scheme } = fields;
      answers.add(region, 'elbv2 describe-load-balancers', {
        arn,
        name,
        state,
        attributes: { type, scheme },
        relations: [[], [], written.idsIn(entry, 'groups')],
        search_words: [type, scheme, scheme === 'internet-facing' && 'public'],
      });
      tell(answers, entry);
    },
  },
  zone: {
    type: 'route53:hostedzone',
    isGlobal: true,
    idOf: (entry) =>
      `Z0${nameOf(entry)
        .toUpperCase()
        .replaceAll(/[^A-Z]/gu, '')}`,
    arnOf: ({ id }) => `arn:aws:route53:::hostedzone/${id}`,
    put(answers, { id, name, fields }) {
      answers.add('any', 'route53 list-hosted-zones', {
        id: `/hostedzone/${id}`,
        name: `${name ?? ''}.`,
        attributes: { is_private: flag(fields['private']) ?? false, comment: fields['comment'] },
        search_words: [fields['comment']],
      });
    },
  },
};
