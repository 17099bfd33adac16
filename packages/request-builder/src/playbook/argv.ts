import { commandArgv, replaceRefs, type Command, type Json } from 'cloudops-execution-engine';
import type { PlaybookCommand } from '../protocol/command.ts';

/** A command as a person sees it before it runs. */
export interface ShownCommand {
  /** Program and arguments as they will be; `‹steps.ID.outputs.NAME›` stands for what is only known then. */
  argv: string[];
  /** The references that are still open. */
  unresolved: string[];
}

/**
 * The argv of a command, as the engine makes it, with placeholders for what is not known yet. What the engine adds by its own configuration (endpoint, output format, timeouts) is left out.
 *
 * @throws ExecutionError `INVALID_REQUEST` for a value that the AWS CLI would replace by a file; `validatePlaybook` refuses those
 */
export function showCommand(command: PlaybookCommand): ShownCommand {
  const unresolved = new Set<string>();
  const show = (ref: string): string => {
    unresolved.add(ref);
    return `‹${ref}›`;
  };
  return { argv: commandArgv(withoutRefs(command, show)), unresolved: [...unresolved] };
}

function withoutRefs(command: PlaybookCommand, show: (ref: string) => string): Command {
  if (command.type === 'shell') return command;
  const args = command.args?.map((value) => (typeof value === 'string' ? value : show(value.$ref)));
  if (command.type !== 'aws_cli') return { ...command, args };
  return { ...command, args, parameters: parametersWithoutRefs(command.parameters ?? {}, show) };
}

function parametersWithoutRefs(
  parameters: Record<string, Json>,
  show: (ref: string) => string,
): Record<string, Json>;
function parametersWithoutRefs(parameters: unknown, show: (ref: string) => string): unknown {
  return replaceRefs(parameters, show);
}
