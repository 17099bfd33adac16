import { arnIn, nameOf, tagList, tell } from './kind-parts.ts';
import type { Kind } from './kind.ts';

/** Clusters, services and images of containers. */
export const containers: Readonly<Record<string, Kind>> = {
  'ecs-cluster': {
    type: 'ecs:cluster',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'ecs', `cluster/${nameOf(entry)}`),
    defaults: { state: 'ACTIVE' },
    put(answers, entry, written) {
      const { region, account, id, arn, fields } = entry;
      const item = { arn, state: fields['state'], tags: tagList(entry) };
      answers.add(region, 'ecs list-clusters', { value: arn });
      answers.read('ecs describe-clusters', arn, [item]);
      const members = written.entries.filter(
        (one) =>
          one.kind === 'ecs-service' &&
          one.account === account &&
          one.region === region &&
          one.fields['cluster'] === id,
      );
      if (members.length === 0) return;
      // The lister answers by the cluster that is asked about, whatever the list of services says.
      answers.add(region, 'ecs list-services', { value: 'all' });
      const told = members.map((one) => ({
        arn: one.arn,
        name: one.name,
        state: one.fields['state'],
        tags: tagList(one),
        attributes: { launch_type: one.fields['launch'] },
        relations: [arn],
      }));
      answers.read('ecs describe-services', arn, told);
    },
  },
  'ecs-service': {
    type: 'ecs:service',
    idOf: (entry) => `${entry.fields['cluster'] ?? ''}/${nameOf(entry)}`,
    arnOf: (entry) => arnIn(entry, 'ecs', `service/${entry.id}`),
    defaults: { state: 'ACTIVE' },
    put() {
      // Its cluster tells it.
    },
  },
  eks: {
    type: 'eks:cluster',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'eks', `cluster/${nameOf(entry)}`),
    defaults: { state: 'ACTIVE' },
    put(answers, entry) {
      const { region, id, arn, fields, tags } = entry;
      answers.add(region, 'eks list-clusters', { value: id });
      answers.read('eks describe-cluster', id, [{ arn, state: fields['state'], tags }]);
    },
  },
  ecr: {
    type: 'ecr:repository',
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'ecr', `repository/${nameOf(entry)}`),
    put(answers, entry) {
      const { region, id, name, arn } = entry;
      answers.add(region, 'ecr describe-repositories', { id, name, arn });
      tell(answers, entry);
    },
  },
};
