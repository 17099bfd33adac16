import { Escalation, type Classification } from './classes.ts';
import { isOption, optionsOf, type AwsCliCommand, type CommandOption } from './command-options.ts';
import { classifyS3 } from './classify-s3.ts';
import { readOperations } from './data/operation-actions.ts';
import {
  decryptingReads,
  destructiveVerbs,
  remoteCode,
  sensitiveReads,
  statements,
  waits,
  writingVerbs,
} from './data/special-operations.ts';
import { privilegeWrites } from './data/privilege-writes.ts';
import { iamActions, type AccessLevel } from './iam-levels.ts';
import type { OperationPatterns } from './operation-pattern.ts';

const raisingFlags: readonly string[] = [
  'recursive',
  'skip-final-snapshot',
  'force-delete-without-recovery',
  'no-deletion-protection',
  'no-deletion-protection-enabled',
  'delete-automated-backups',
  'no-retain-stacks',
];

/** The class of an `aws` call: its IAM actions' access levels, then rules that only raise it. */
export async function classifyAwsCli(
  command: AwsCliCommand,
  allowedRemoteCode: OperationPatterns,
): Promise<Classification> {
  const escalation = new Escalation();
  const { service, operation } = command;
  const options = optionsOf(command);
  if (service === 's3') classifyS3(command, options, escalation);
  else await classifyByAction(service, operation, escalation);
  applyLists(service, operation, options, allowedRemoteCode, escalation);
  applyFlags(options, escalation);
  return escalation.result();
}

async function classifyByAction(
  service: string,
  operation: string,
  escalation: Escalation,
): Promise<void> {
  if (operation === waits) {
    escalation.raise('read_only', 'waits until a state is reached');
    return;
  }
  const actions = await iamActions(service, operation);
  for (const { action, levels } of actions) {
    escalation.needs(action);
    for (const level of levels)
      escalation.raise(riskOf(level), `${action} has access level ${level}`);
  }
  if (actions.length === 0) {
    if (readOperations.has(service, operation)) {
      escalation.raise('read_only', `${service} ${operation} only reads, by its documentation`);
    } else {
      escalation.raise('mutating', `no IAM action is known for ${service} ${operation}`);
    }
  }
  applyVerbs(operation, escalation);
}

function riskOf(level: AccessLevel) {
  if (level === 'Read' || level === 'List') return 'read_only';
  return level === 'Permissions management' ? 'destructive' : 'mutating';
}

function applyVerbs(operation: string, escalation: Escalation): void {
  const words = operation.split('-');
  const first = words[0] ?? '';
  if (escalation.risk === 'read_only') {
    const isRead = !destructiveVerbs.has(first) && !writingVerbs.has(first);
    // start-query, execute-… are reads to IAM; what is begun there has a cost or an effect all the same.
    if (!isRead) escalation.raise('mutating', `"${first}" begins something`);
    return;
  }
  const verb = words.find((word) => destructiveVerbs.has(word));
  if (verb !== undefined) escalation.raise('destructive', `"${verb}" takes something away`);
}

function applyLists(
  service: string,
  operation: string,
  options: readonly CommandOption[],
  allowedRemoteCode: OperationPatterns,
  escalation: Escalation,
): void {
  const isIn = (patterns: OperationPatterns) => patterns.has(service, operation);
  const decrypts =
    isIn(decryptingReads) &&
    options.some((option) => isOption(option, 'with-decryption') && option.value !== false);
  if (isIn(sensitiveReads) || decrypts) {
    escalation.outputIsSensitive();
    escalation.raise('sensitive_read', 'its output holds secrets, credentials or stored data');
  }
  if (isIn(privilegeWrites)) {
    escalation.outputIsSensitive();
    escalation.raise('destructive', 'hands out lasting credentials or rights');
  }
  if (isIn(statements)) escalation.raise('mutating', 'runs a statement that may write');
  if (isIn(remoteCode)) {
    if (isIn(allowedRemoteCode)) escalation.raise('mutating', 'runs code elsewhere (allow-listed)');
    else escalation.raise('destructive', 'runs code elsewhere, whose effect is not known');
  }
}

function applyFlags(options: readonly CommandOption[], escalation: Escalation): void {
  // A flag of a read (`s3 ls --recursive`) takes nothing away.
  if (escalation.risk === 'read_only' || escalation.risk === 'sensitive_read') return;
  for (const option of options) {
    if (isUnprotecting(option)) {
      escalation.raise('destructive', `--no-${option.name} lifts a protection`);
      continue;
    }
    if (option.value === false) continue;
    const isForce = option.name.startsWith('force') || isOption(option, 'force');
    if (isForce || raisingFlags.some((flag) => isOption(option, flag))) {
      escalation.raise('destructive', `--${option.name} leaves no way back`);
    }
  }
}

function isUnprotecting({ name, value }: CommandOption): boolean {
  const isOff =
    value === false || (typeof value === 'object' && JSON.stringify(value) === '{"Value":false}');
  return (
    isOff &&
    /^(?:deletion-protection|deletion-protection-enabled|disable-api-termination|disable-api-stop)$/.test(
      name,
    )
  );
}
