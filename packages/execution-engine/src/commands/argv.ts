import { awsCliArguments } from './aws-cli.ts';
import type { Command } from './command.ts';
import { invokeExec } from './exec.ts';
import type { Invocation } from './invocation.ts';
import { interpreterOf } from './script.ts';
import { invokeShell } from './shell.ts';

/** Stands where the file of an inline script will stand, whose name is made at its start. */
const INLINE_SCRIPT = '‹script›';

/**
 * What a command says by itself as argv, to be shown before it runs: `['aws', 'ec2', 'describe-vpcs', '--region', 'eu-west-1']`.
 * Starts and reads nothing.
 *
 * The engine starts the same, with what only it knows: an absolute path for a script (here as it is written; `‹script›` for an inline one), and for the AWS CLI
 * the configured program in place of `aws`, endpoint, `--output` and timeouts behind it.
 *
 * @throws ExecutionError `INVALID_REQUEST` where the AWS CLI would replace a value by a file or a download
 */
export function commandArgv(command: Command): string[] {
  switch (command.type) {
    case 'script':
      return [interpreterOf(command), command.path ?? INLINE_SCRIPT, ...(command.args ?? [])];
    case 'exec':
      return argvOf(invokeExec(command));
    case 'shell':
      return argvOf(invokeShell(command));
    default:
      return ['aws', ...awsCliArguments(command)];
  }
}

function argvOf({ program, args }: Invocation): string[] {
  return [program, ...args];
}
