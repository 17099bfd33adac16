import type { PlaybookCommand } from '../protocol/command.ts';
import type { RiskClass } from '../protocol/risk.ts';
import { classifyAwsCli } from './classify-aws.ts';
import { Escalation, type Classification } from './classes.ts';
import { OperationPatterns } from './operation-pattern.ts';

/** What the host knows better than the built-in rules; both only for what it names. */
export interface ClassifierOptions {
  /** Programs of `exec` steps by exact name, with their class. Default: `echo`, `printf`, `sleep`, `true`, `false` as read_only. */
  programs: Readonly<Record<string, RiskClass>>;
  /** `service operation` patterns of remote code that counts as mutating only, such as `lambda invoke`. Default none. */
  allowedRemoteCode: OperationPatterns;
}

/** Programs that do nothing but print, wait and exit, whatever their arguments are. */
export const defaultPrograms: Readonly<Record<string, RiskClass>> = {
  echo: 'read_only',
  printf: 'read_only',
  sleep: 'read_only',
  true: 'read_only',
  false: 'read_only',
};

/**
 * The class of a command whose parameters have been bound: what it may do at worst.
 *
 * Scripts, shell lines and programs that the host has not listed are destructive: nobody can tell from outside what they do.
 */
export async function classify(
  command: PlaybookCommand,
  options: ClassifierOptions,
): Promise<Classification> {
  if (command.type === 'aws_cli') return await classifyAwsCli(command, options.allowedRemoteCode);
  const escalation = new Escalation();
  if (command.type === 'exec') {
    const listed = Object.hasOwn(options.programs, command.program)
      ? options.programs[command.program]
      : undefined;
    if (listed !== undefined) {
      escalation.raise(listed, `${command.program} is on the list of known programs`);
      return escalation.result();
    }
    escalation.raise('destructive', 'a program that is not on the list of known ones');
    return escalation.result();
  }
  const what = command.type === 'shell' ? 'a shell line' : 'a script';
  escalation.raise('destructive', `${what} can do anything`);
  return escalation.result();
}

/**
 * The class of one command, outside any playbook: for a host that shows or sorts commands of its own.
 *
 * A parameter that is still a `$ref` counts as unknown, so the class holds for whatever it becomes.
 *
 * @param options.programs classes of `exec` programs beside those that only print and wait
 * @param options.allowedRemoteCode `service operation` patterns of remote code that counts as mutating. Default none
 */
export async function classifyCommand(
  command: PlaybookCommand,
  options: {
    programs?: Readonly<Record<string, RiskClass>>;
    allowedRemoteCode?: readonly string[];
  } = {},
): Promise<Classification> {
  return await classify(command, {
    programs: { ...defaultPrograms, ...options.programs },
    allowedRemoteCode: new OperationPatterns(options.allowedRemoteCode ?? []),
  });
}
