import type { Escalation } from './classes.ts';
import { isOption, type AwsCliCommand, type CommandOption } from './command-options.ts';

/** The high-level `aws s3` commands, which have no API operation of their own. */
export function classifyS3(
  command: AwsCliCommand,
  options: readonly CommandOption[],
  escalation: Escalation,
): void {
  const { operation } = command;
  const deletes = options.some((option) => isOption(option, 'delete'));
  switch (operation) {
    case 'ls':
      escalation.needs('s3:ListBucket');
      escalation.raise('read_only', 's3 ls lists');
      return;
    case 'presign':
      escalation.needs('s3:GetObject');
      escalation.raise('sensitive_read', 's3 presign makes a link that anyone may use');
      return;
    case 'cp':
    case 'sync':
      copy(command, escalation);
      if (deletes)
        escalation.raise('destructive', '--delete removes what the source does not have');
      return;
    case 'mb':
      escalation.needs('s3:CreateBucket');
      escalation.raise('mutating', 's3 mb makes a bucket');
      return;
    case 'mv':
    case 'rm':
      escalation.needs('s3:DeleteObject');
      escalation.raise('destructive', `s3 ${operation} deletes objects`);
      return;
    case 'rb':
      escalation.needs('s3:DeleteBucket');
      escalation.raise('destructive', 's3 rb deletes a bucket');
      return;
    default:
      escalation.raise('mutating', `s3 ${operation} is not a command that is known`);
  }
}

/** By direction: the first two arguments that are no options are the source and the destination. */
function copy(command: AwsCliCommand, escalation: Escalation): void {
  const [source, destination] = (command.args ?? []).filter(
    (argument) => typeof argument !== 'string' || !argument.startsWith('-'),
  );
  const isDownload =
    typeof source === 'string' &&
    source.startsWith('s3://') &&
    typeof destination === 'string' &&
    !destination.startsWith('s3://');
  escalation.needs('s3:GetObject');
  if (isDownload) {
    escalation.outputIsSensitive();
    escalation.raise(
      'sensitive_read',
      `s3 ${command.operation} brings stored data to this machine`,
    );
    return;
  }
  escalation.needs('s3:PutObject');
  escalation.raise(
    'mutating',
    `s3 ${command.operation} writes objects and overwrites those of the same name`,
  );
}
