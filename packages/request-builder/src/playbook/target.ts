import { toPointer, type Finding } from '../errors.ts';
import type { Playbook } from '../protocol/playbook.ts';
import type { PlaybookCommand } from '../protocol/command.ts';
import type { Target } from '../protocol/target.ts';
import { isOption, optionsOf } from '../risk/command-options.ts';
import { leavesOf } from './values.ts';

/** Partition and account of an ARN; the account is empty where the service has none, and `aws` for what AWS owns. */
const arn = /\barn:(aws[\w-]*):[\w-]*:[\w-]*:([^:\s]*):/g;

/** Where a playbook reaches beyond the target of the request that it answers. */
export function findTargetFaults(playbook: Playbook, target: Target): Finding[] {
  const faults: Finding[] = [];
  const { target: own } = playbook;
  const compare = (field: 'partition' | 'account_id') => {
    if (own[field] !== target[field]) {
      faults.push({
        pointer: `/target/${field}`,
        message: `${own[field]} is not ${target[field]}`,
      });
    }
  };
  compare('partition');
  compare('account_id');
  if (own.principal_arn && target.principal_arn && own.principal_arn !== target.principal_arn) {
    faults.push({ pointer: '/target/principal_arn', message: 'another principal' });
  }
  for (const [index, region] of own.regions.entries()) {
    if (!target.regions.includes(region)) {
      faults.push({ pointer: `/target/regions/${index}`, message: `${region} was not asked for` });
    }
  }
  for (const [index, step] of playbook.steps.entries()) {
    faults.push(...findWorkFaults(step, ['steps', index], target));
  }
  for (const [name, rollback] of Object.entries(playbook.rollbacks ?? {})) {
    faults.push(...findWorkFaults(rollback, ['rollbacks', name], target));
  }
  for (const [name, parameter] of Object.entries(playbook.parameters ?? {})) {
    faults.push(...findArnFaults(parameter.default, ['parameters', name, 'default'], target));
  }
  return faults;
}

interface Work {
  command: PlaybookCommand;
  env?: unknown;
  stdin?: unknown;
}

/** Regions and ARNs of one step or rollback that lie outside a target. */
export function findWorkFaults(
  { command, env, stdin }: Work,
  at: readonly (string | number)[],
  target: Target,
): Finding[] {
  const faults = findArnFaults({ command, env, stdin }, at, target);
  if (command.type !== 'aws_cli') return faults;
  const regions = [
    { value: command.region, path: ['region'] as (string | number)[] },
    ...optionsOf(command)
      .filter((option) => option.isCliOption && isOption(option, 'region'))
      .map(({ value, path }) => ({ value, path })),
  ];
  for (const { value, path } of regions) {
    if (value === null || value === undefined) continue;
    if (typeof value !== 'string' || !target.regions.includes(value)) {
      faults.push({
        pointer: toPointer([...at, 'command', ...path]),
        message:
          target.regions.length === 0
            ? 'the request names no region: nothing of the estate is stored, and the builder was given no target.regions'
            : `the region is none of ${target.regions.join(', ')}`,
      });
    }
  }
  return faults;
}

function findArnFaults(
  value: unknown,
  at: readonly (string | number)[],
  target: Target,
): Finding[] {
  const faults: Finding[] = [];
  for (const { path, text } of leavesOf(value)) {
    for (const [, partition = '', account = ''] of text.matchAll(arn)) {
      const isForeign = account !== '' && account !== 'aws' && account !== target.account_id;
      if (isForeign || partition !== target.partition) {
        faults.push({
          pointer: toPointer([...at, ...path]),
          message: `an ARN of ${isForeign ? `account ${account}` : `partition ${partition}`}`,
        });
      }
    }
  }
  return faults;
}
