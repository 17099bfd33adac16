import type { Json } from '../protocol/json.ts';
import type { PlaybookCommand } from '../protocol/command.ts';

export type AwsCliCommand = Extract<PlaybookCommand, { type: 'aws_cli' }>;

/** An option of an `aws` call, however it is written: `--force`, `"force": true` or `"Force": true`. */
export interface CommandOption {
  /** In the CLI's spelling, without the leading hyphens. */
  name: string;
  /** Undefined where an argument has its value behind it, or none. */
  value: Json | undefined;
  /** Where in the command it stands, as path. */
  path: (string | number)[];
  /** Reaches the CLI as `--name`, where its parser completes abbreviations; parameters by the API's names travel as JSON. */
  isCliOption: boolean;
}

/** All options of an `aws` call, from its parameters and its args. */
export function optionsOf(command: AwsCliCommand): CommandOption[] {
  const options: CommandOption[] = [];
  for (const [name, value] of Object.entries(command.parameters ?? {})) {
    options.push({
      name: toCliName(name),
      value,
      path: ['parameters', name],
      isCliOption: !/[A-Z]/.test(name),
    });
  }
  for (const [index, argument] of (command.args ?? []).entries()) {
    if (typeof argument !== 'string' || !argument.startsWith('-')) continue;
    const [name = '', ...rest] = argument.replace(/^-+/, '').split('=');
    const value = rest.length > 0 ? rest.join('=') : nextValue(command, index);
    options.push({ name: name.toLowerCase(), value, path: ['args', index], isCliOption: true });
  }
  return options;
}

/** Whether an option is the one named, also abbreviated: the CLI's parser takes any unambiguous beginning for the whole name. */
export function isOption(option: CommandOption, name: string): boolean {
  if (option.name === name) return true;
  return option.isCliOption && option.name.length >= 3 && name.startsWith(option.name);
}

/** Enough for the names of any playbook; they come from a server, so there is an end to it. */
const REMEMBERED_NAMES = 2000;
const cliNames = new Map<string, string>();

/** `SkipFinalSnapshot` → `skip-final-snapshot`, as the CLI does: a hyphen before each capital that begins a word. Every check of a step asks for the same few names, so they are remembered. */
export function toCliName(name: string): string {
  const known = cliNames.get(name);
  if (known !== undefined) return known;
  const cliName = /[A-Z]/.test(name) ? hyphenated(name) : name;
  if (cliNames.size >= REMEMBERED_NAMES) cliNames.clear();
  cliNames.set(name, cliName);
  return cliName;
}

function hyphenated(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

function nextValue(command: AwsCliCommand, index: number): Json | undefined {
  const next = command.args?.[index + 1];
  return typeof next === 'string' && !next.startsWith('-') ? next : undefined;
}
