import {
  MANY,
  awsCli,
  counted,
  type Action,
  type Batch,
  type ResourceKind,
  type StepDraft,
} from './kind.ts';

const WAIT_MS = 30 * 60 * 1000;
/** The API changes one database per call. */
const ONE = 1;

/** What differs between database instances and clusters. */
interface Flavour {
  one: string;
  many: string;
  types: readonly string[];
  /** `db-instance`, `db-cluster`: the noun in the CLI's operations. */
  cli: string;
  /** `db-instance-identifier`: the option that takes the id. */
  identifier: string;
  /** Rows of a list, JMESPath. */
  rows: string;
  /** The same of the one that a call changed. */
  row: string;
  /** Name of the filter by id. */
  filter: string;
  /** `DBInstance`: the noun in IAM actions. */
  iam: string;
  obstacle: NonNullable<Action['obstacle']>;
}

function kindOf(flavour: Flavour): ResourceKind {
  const titled = (verb: string, { ids, region }: Batch) =>
    `${verb} ${counted(ids.length, flavour)} in ${region}`;
  const read = (batch: Batch, verb: string, projected: boolean): StepDraft => ({
    does: 'look',
    title: titled(verb, batch),
    command: awsCli(
      'rds',
      `describe-${flavour.cli}s`,
      batch.region,
      { filters: [{ Name: flavour.filter, Values: batch.ids }] },
      projected ? { query: flavour.rows, output: 'text' } : {},
    ),
    risk: 'read_only',
  });
  const call = (verb: string, batch: Batch) =>
    awsCli(
      'rds',
      `${verb}-${flavour.cli}`,
      batch.region,
      { [flavour.identifier]: batch.ids[0] ?? '' },
      { query: flavour.row, output: 'text' },
    );
  const wait = (batch: Batch): StepDraft => ({
    does: 'wait',
    title: `Wait until ${batch.ids[0] ?? ''} is available`,
    command: awsCli(
      'rds',
      'wait',
      batch.region,
      { [flavour.identifier]: batch.ids[0] ?? '' },
      { args: [`${flavour.cli}-available`] },
    ),
    risk: 'read_only',
    timeoutMs: WAIT_MS,
  });
  return {
    types: flavour.types,
    one: flavour.one,
    many: flavour.many,
    idPattern: /^[a-zA-Z][a-zA-Z0-9-]{0,62}$/,
    actions: {
      list: {
        permission: null,
        batchSize: MANY,
        from: null,
        steps: (batch) => [read(batch, 'List', true)],
      },
      describe: {
        permission: null,
        batchSize: MANY,
        from: null,
        steps: (batch) => [read(batch, 'Describe', false)],
      },
      stop: {
        permission: `rds:Stop${flavour.iam}`,
        batchSize: ONE,
        from: ['available'],
        obstacle: flavour.obstacle,
        steps: (batch) => [
          read(batch, 'Look at', true),
          {
            does: 'stop',
            title: titled('Stop', batch),
            command: call('stop', batch),
            risk: 'destructive',
            undo: {
              title: titled('Start', batch),
              command: call('start', batch),
              risk: 'mutating',
            },
          },
          // The CLI has no waiter for "stopped".
          { ...read(batch, 'Check', true), does: 'check' },
        ],
      },
      start: {
        permission: `rds:Start${flavour.iam}`,
        batchSize: ONE,
        from: ['stopped'],
        obstacle: flavour.obstacle,
        steps: (batch) => [
          read(batch, 'Look at', true),
          {
            does: 'start',
            title: titled('Start', batch),
            command: call('start', batch),
            risk: 'mutating',
            undo: {
              title: titled('Stop', batch),
              command: call('stop', batch),
              risk: 'destructive',
            },
          },
          wait(batch),
        ],
      },
      reboot: {
        permission: `rds:Reboot${flavour.iam}`,
        batchSize: ONE,
        from: ['available'],
        steps: (batch) => [
          read(batch, 'Look at', true),
          {
            does: 'reboot',
            title: titled('Reboot', batch),
            command: call('reboot', batch),
            risk: 'mutating',
          },
          wait(batch),
        ],
      },
      tag: {
        permission: 'rds:AddTagsToResource',
        batchSize: ONE,
        from: null,
        obstacle: (candidate) => (candidate.arn === null ? 'has no ARN' : null),
        steps: (batch) => [
          {
            does: 'tag',
            title: titled('Tag', batch),
            command: awsCli('rds', 'add-tags-to-resource', batch.region, {
              'resource-name': batch.candidates[0]?.arn ?? '',
              tags: batch.tags.map(({ key, value }) => ({ Key: key, Value: value })),
            }),
            risk: 'mutating',
          },
        ],
      },
    },
  };
}

/** Database instances of every engine (the RDS API knows them all) that stand by themselves or in a cluster. */
export const databaseInstances: ResourceKind = kindOf({
  one: 'database',
  many: 'databases',
  types: ['rds:db', 'neptune:db', 'docdb:db'],
  cli: 'db-instance',
  identifier: 'db-instance-identifier',
  rows: 'DBInstances[].[DBInstanceIdentifier,DBInstanceStatus,Engine]',
  row: 'DBInstance.[DBInstanceIdentifier,DBInstanceStatus,Engine]',
  filter: 'db-instance-id',
  iam: 'DBInstance',
  obstacle: (candidate) => {
    const cluster = candidate.attributes['cluster_id'];
    return typeof cluster === 'string' && cluster !== ''
      ? 'belongs to a cluster, which is started and stopped as a whole'
      : null;
  },
});

/** Database clusters of every engine. */
export const databaseClusters: ResourceKind = kindOf({
  one: 'cluster',
  many: 'clusters',
  types: ['rds:cluster', 'neptune:cluster', 'docdb:cluster'],
  cli: 'db-cluster',
  identifier: 'db-cluster-identifier',
  rows: 'DBClusters[].[DBClusterIdentifier,Status,Engine]',
  row: 'DBCluster.[DBClusterIdentifier,Status,Engine]',
  filter: 'db-cluster-id',
  iam: 'DBCluster',
  obstacle: () => null,
});
