import type { Json } from '../protocol/json.ts';
import type { PlaybookCommand, TextValue } from '../protocol/command.ts';
import type { AwsCliCommand } from '../risk/command-options.ts';
import { refTargetOf, replaceRefs } from './values.ts';

/** A command as a person sees it before it runs. */
export interface ShownCommand {
  /** Program and arguments as they will be; `‹steps.ID.outputs.NAME›` stands for what is only known then. */
  argv: string[];
  /** The references that are still open. */
  unresolved: string[];
}

/**
 * The argv of a command, written as the engine will write it, with placeholders for what is not known yet. What the engine adds by its own configuration (endpoint, output format, timeouts) is left out.
 *
 * A contract test compares it with what the engine reports to have started.
 */
export function showCommand(command: PlaybookCommand): ShownCommand {
  const unresolved = new Set<string>();
  const shown = replaceRefs(command, (target): Json => {
    const name =
      target.kind === 'output'
        ? `steps.${target.step}.outputs.${target.name}`
        : `parameters.${target.name}`;
    unresolved.add(name);
    return `‹${name}›`;
  });
  return { argv: argvOf(command, shown), unresolved: [...unresolved] };
}

function argvOf(command: PlaybookCommand, shown: unknown): string[] {
  const args = 'args' in command ? (command.args ?? []).map(textOf) : [];
  switch (command.type) {
    case 'exec':
      return [command.program, ...args];
    case 'shell':
      return [command.shell ?? 'sh', '-c', command.command];
    case 'script': {
      const name = command.interpreter ?? 'bash';
      const script = command.path ?? '‹script›';
      return [name === 'python' ? 'python3' : name, script, ...args];
    }
    default:
      return awsArgv(command, args, parametersOf(shown));
  }
}

function awsArgv(
  command: AwsCliCommand,
  args: string[],
  parameters: [string, unknown][],
): string[] {
  const given = parameters.filter(([, value]) => value !== null);
  // Names with a capital letter are the API's own and travel together.
  const input = given.filter(([name]) => /[A-Z]/.test(name));
  const json =
    input.length > 0 ? ['--cli-input-json', JSON.stringify(Object.fromEntries(input))] : [];
  const options = given.filter(([name]) => !/[A-Z]/.test(name)).map(optionText);
  return [
    'aws',
    command.service,
    command.operation,
    ...args,
    ...json,
    ...options,
    ...(command.region ? ['--region', command.region] : []),
    ...(command.query ? [`--query=${command.query}`] : []),
  ];
}

function optionText([name, value]: [string, unknown]): string {
  if (value === true) return `--${name}`;
  if (value === false) return `--no-${name}`;
  return `--${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
}

function textOf(value: TextValue): string {
  if (typeof value === 'string') return value;
  const target = refTargetOf(value);
  return target === null ? '' : `‹${value.$ref}›`;
}

function parametersOf(shown: unknown): [string, unknown][] {
  if (typeof shown !== 'object' || shown === null || !('parameters' in shown)) return [];
  const { parameters } = shown;
  return typeof parameters === 'object' && parameters !== null ? Object.entries(parameters) : [];
}
