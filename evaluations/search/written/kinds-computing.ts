import { arnIn, ec2Kind, flag, nameOf, tagList, tell } from './kind-parts.ts';
import type { Kind } from './kind.ts';

/** Machines, their disks, and functions. */
export const computing: Readonly<Record<string, Kind>> = {
  instance: {
    ...ec2Kind('instance', 'i', '', () => ({}), { state: 'running' }),
    put(answers, entry, written) {
      const { fields, id, account } = entry;
      const ids = (field: string) => written.idsIn(entry, field);
      const disks = written.entries.filter(
        (disk) => disk.kind === 'volume' && written.idsIn(disk, 'of').includes(id),
      );
      const instance = {
        id,
        state: fields['state'],
        tags: tagList(entry, entry.name),
        type: fields['type'],
        platform: fields['platform'] ?? 'Linux/UNIX',
        private_ip: fields['ip'],
        public_ip: fields['public_ip'],
        lifecycle: fields['lifecycle'],
        subnet: ids('in')[0],
        vpc: ids('vpc')[0],
        groups: ids('groups'),
        volumes: disks.map((disk) => disk.id),
        interfaces: [{ id: null, attached: fields['launched'] }],
      };
      answers.add(entry.region, 'ec2 describe-instances', {
        owner: account,
        instances: [instance],
      });
    },
  },
  volume: ec2Kind('volume', 'vol', 'describe-volumes', ({ fields }, ids) => ({
    state: fields['of'] === undefined ? 'available' : 'in-use',
    kind: fields['kind'] ?? 'gp3',
    size_gb: Number(fields['size']),
    encrypted: flag(fields['encrypted']),
    zone: fields['zone'],
    instances: ids('of'),
  })),
  snapshot: ec2Kind(
    'snapshot',
    'snap',
    'describe-snapshots',
    ({ fields }) => ({
      created_at: fields['started'],
      attributes: {
        size_gb: Number(fields['size']),
        encrypted: flag(fields['encrypted']),
        description: fields['description'],
      },
      search_words: [fields['description'], fields['encrypted'] === 'no' && 'unencrypted'],
    }),
    { state: 'completed' },
  ),
  template: ec2Kind('launch-template', 'lt', 'describe-launch-templates', ({ name }) => ({ name })),
  keypair: {
    type: 'ec2:key-pair',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'ec2', `key-pair/${nameOf(entry)}`),
    put(answers, { id, region }) {
      answers.add(region, 'ec2 describe-key-pairs', { id, kind: 'ed25519' });
    },
  },
  asg: {
    type: 'autoscaling:auto-scaling-group',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'autoscaling', `autoScalingGroup:1:${nameOf(entry)}`),
    put(answers, entry) {
      const { id, name, arn, fields } = entry;
      const attributes = { min_size: Number(fields['min']), max_size: Number(fields['max']) };
      const item = { id, name, arn, tags: tagList(entry), attributes };
      answers.add(entry.region, 'autoscaling describe-auto-scaling-groups', item);
    },
  },
  function: {
    type: 'lambda:function',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'lambda', `function:${nameOf(entry)}`),
    put(answers, entry) {
      const { name, arn, fields } = entry;
      const { runtime, description } = fields;
      answers.add(entry.region, 'lambda list-functions', { name, arn, runtime, description });
      tell(answers, entry);
    },
  },
  mapping: {
    type: 'lambda:event-source-mapping',
    idOf: (entry) => `5b1f7c02-0000-4000-8000-${entry.account}`,
    arnOf: (entry) => arnIn(entry, 'lambda', `event-source-mapping:${entry.id}`),
    defaults: { state: 'Enabled' },
    put(answers, entry) {
      const { id, arn, fields } = entry;
      const [service = ''] = (fields['source'] ?? '').split(':');
      answers.add(entry.region, 'lambda list-event-source-mappings', {
        id,
        arn,
        state: fields['state'],
        source: arnIn(entry, service, nameOf(entry)),
        function: arnIn(entry, 'lambda', `function:${fields['function'] ?? ''}`),
      });
    },
  },
};
