import { z } from 'zod';
import { AwsCliCommand, invokeAwsCli } from './aws-cli.ts';
import { ExecCommand, invokeExec } from './exec.ts';
import type { CommandContext, Invocation } from './invocation.ts';
import { ScriptCommand, invokeScript } from './script.ts';
import { ShellCommand, invokeShell } from './shell.ts';

/** What to run: a script, a program, a shell line or an AWS CLI call. */
export const Command = z.discriminatedUnion('type', [
  ScriptCommand,
  ExecCommand,
  ShellCommand,
  AwsCliCommand,
]);
/** What to run: a script, a program, a shell line or an AWS CLI call. */
export type Command = z.infer<typeof Command>;

/**
 * Turns a command into a program with arguments.
 *
 * @throws ExecutionError `SPAWN_FAILED` for a script that cannot be read
 */
export async function invoke(command: Command, context: CommandContext): Promise<Invocation> {
  switch (command.type) {
    case 'script':
      return invokeScript(command, context);
    case 'exec':
      return invokeExec(command);
    case 'shell':
      return invokeShell(command);
    default:
      return invokeAwsCli(command, context.awsCli);
  }
}
