import {
  MANY,
  awsCli,
  counted,
  type Action,
  type Batch,
  type ResourceKind,
  type StepDraft,
} from './kind.ts';
import { tagEc2 } from './ec2-tags.ts';

const NOUN = { one: 'instance', many: 'instances' };
const WAIT_MS = 10 * 60 * 1000;
const ROWS = 'Reservations[].Instances[].[InstanceId,State.Name,Tags[?Key==`Name`]|[0].Value]';

function describe(batch: Batch, why: string): StepDraft {
  return {
    does: 'look',
    title: `${why} ${counted(batch.ids.length, NOUN)} in ${batch.region}`,
    command: awsCli(
      'ec2',
      'describe-instances',
      batch.region,
      { 'instance-ids': batch.ids },
      { query: ROWS, output: 'text' },
    ),
    risk: 'read_only',
  };
}

function wait(batch: Batch, condition: string, state: string): StepDraft {
  return {
    does: 'wait',
    title: `Wait until ${counted(batch.ids.length, NOUN)} in ${batch.region} ${batch.ids.length === 1 ? 'is' : 'are'} ${state}`,
    command: awsCli(
      'ec2',
      'wait',
      batch.region,
      { 'instance-ids': batch.ids },
      { args: [condition] },
    ),
    risk: 'read_only',
    timeoutMs: WAIT_MS,
  };
}

const start = (batch: Batch) =>
  awsCli(
    'ec2',
    'start-instances',
    batch.region,
    { 'instance-ids': batch.ids },
    {
      query: 'StartingInstances[].[InstanceId,PreviousState.Name,CurrentState.Name]',
      output: 'text',
    },
  );
const stop = (batch: Batch) =>
  awsCli(
    'ec2',
    'stop-instances',
    batch.region,
    { 'instance-ids': batch.ids },
    {
      query: 'StoppingInstances[].[InstanceId,PreviousState.Name,CurrentState.Name]',
      output: 'text',
    },
  );
const titled = (verb: string, batch: Batch) =>
  `${verb} ${counted(batch.ids.length, NOUN)} in ${batch.region}`;

const stopAction: Action = {
  permission: 'ec2:StopInstances',
  batchSize: MANY,
  from: ['running', 'pending'],
  steps: (batch) => [
    describe(batch, 'Look at'),
    {
      does: 'stop',
      title: titled('Stop', batch),
      command: stop(batch),
      risk: 'destructive',
      undo: { title: titled('Start', batch), command: start(batch), risk: 'mutating' },
    },
    wait(batch, 'instance-stopped', 'stopped'),
  ],
};

const startAction: Action = {
  permission: 'ec2:StartInstances',
  batchSize: MANY,
  from: ['stopped', 'stopping'],
  steps: (batch) => [
    describe(batch, 'Look at'),
    {
      does: 'start',
      title: titled('Start', batch),
      command: start(batch),
      risk: 'mutating',
      undo: { title: titled('Stop', batch), command: stop(batch), risk: 'destructive' },
    },
    wait(batch, 'instance-running', 'running'),
  ],
};

const rebootAction: Action = {
  permission: 'ec2:RebootInstances',
  batchSize: MANY,
  from: ['running'],
  steps: (batch) => [
    describe(batch, 'Look at'),
    {
      does: 'reboot',
      title: titled('Reboot', batch),
      command: awsCli('ec2', 'reboot-instances', batch.region, { 'instance-ids': batch.ids }),
      risk: 'mutating',
    },
    // The state stays "running" all through a reboot; only the status checks show its end.
    wait(batch, 'instance-status-ok', 'healthy'),
  ],
};

/** EC2 instances. */
export const instances: ResourceKind = {
  types: ['ec2:instance'],
  ...NOUN,
  idPattern: /^i-[0-9a-f]{8,17}$/,
  actions: {
    list: {
      permission: null,
      batchSize: MANY,
      from: null,
      steps: (batch) => [describe(batch, 'List')],
    },
    describe: {
      permission: null,
      batchSize: MANY,
      from: null,
      steps: (batch) => [
        {
          ...describe(batch, 'Describe'),
          command: awsCli('ec2', 'describe-instances', batch.region, { 'instance-ids': batch.ids }),
        },
      ],
    },
    stop: stopAction,
    start: startAction,
    reboot: rebootAction,
    tag: tagEc2(NOUN),
  },
};
