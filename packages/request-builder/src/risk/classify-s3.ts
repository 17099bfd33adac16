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

/**
 * By direction. Only a single `s3://` that comes first is surely the source: values of options stand among the arguments as well, and which they are is not known here.
 */
function copy(command: AwsCliCommand, escalation: Escalation): void {
  const places = (command.args ?? []).filter(
    (argument) => typeof argument !== 'string' || argument === '-' || !argument.startsWith('-'),
  );
  const isRemote = (place: unknown) => typeof place !== 'string' || place.startsWith('s3://');
  const isDownload =
    places.length >= 2 && isRemote(places[0]) && places.filter(isRemote).length === 1;
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
