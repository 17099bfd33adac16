import { toPointer, type Finding } from '../errors.ts';
import type { PlaybookCommand, TextValue } from '../protocol/command.ts';
import { isOption, optionsOf, type AwsCliCommand } from '../risk/command-options.ts';
import { refTargetOf } from './values.ts';

/** Options that would take credentials, endpoint or checks out of the host's hands, or hide parameters from it. */
const refusedOptions: readonly string[] = [
  'profile',
  'endpoint-url',
  'no-verify-ssl',
  'no-sign-request',
  'ca-bundle',
  'debug',
  'cli-input-json',
  'cli-input-yaml',
];

/** Variables that say which code or whose credentials a program uses, or where its traffic goes. */
const refusedVariables =
  /^(?:aws_.*|ld_.*|dyld_.*|path|home|shell|env|bash_env|bash_func_.*|shellopts|bashopts|ps4|ifs|prompt_command|node_.*|python.*|perl.*|ruby.*|java_.*|jdk_.*|_java_options|git_.*|.*_proxy|ssl_.*|ssh_.*|requests_ca_bundle|curl_.*|gconv_path|editor|pager|visual|tmpdir|sudo_.*|cloudops_.*)$/i;

type Place = readonly (string | number)[];

/** What a command may not have, whoever approves it: each with its place below `at`. */
export function findRestricted(command: PlaybookCommand, at: Place): Finding[] {
  const findings: Finding[] = [];
  const refuse = (path: Place, message: string) =>
    findings.push({ pointer: toPointer([...at, ...path]), message });
  if (command.type === 'aws_cli') restrictAws(command, refuse);
  else if (command.type !== 'shell') restrictProgram(command, refuse);
  return findings;
}

/** Variables of a step that may not be set by a server. */
export function findRestrictedEnv(
  env: Readonly<Record<string, TextValue>> | null | undefined,
  isAws: boolean,
  at: Place,
): Finding[] {
  return Object.keys(env ?? {})
    .filter((name) => isAws || refusedVariables.test(name) || !/^[A-Za-z_]\w*$/.test(name))
    .map((name) => ({
      pointer: toPointer([...at, 'env', name]),
      message: isAws
        ? "an aws_cli step takes no env: it is the host's"
        : 'a server may not set this variable',
    }));
}

type Refuse = (path: Place, message: string) => void;

function restrictAws(command: AwsCliCommand, refuse: Refuse): void {
  for (const option of optionsOf(command)) {
    if (!option.isCliOption) continue;
    const refused = refusedOptions.find((name) => isOption(option, name));
    if (refused !== undefined) refuse(option.path, `--${refused} is the host's to set`);
  }
  const args = command.args ?? [];
  for (const [index, argument] of args.entries()) {
    if (refTargetOf(argument)?.kind === 'output') {
      refuse(
        ['args', index],
        'a value from a step could be read as an option here: pass it under parameters',
      );
    }
    if (typeof argument !== 'string' || argument.startsWith('-')) continue;
    const before = args[index - 1];
    const isOptionValue =
      typeof before === 'string' && before.startsWith('-') && !before.includes('=');
    if ((command.service === 's3' || !isOptionValue) && leavesWorkspace(argument)) {
      refuse(['args', index], 'a file outside the workspace');
    }
  }
}

function restrictProgram(
  command: Exclude<PlaybookCommand, { type: 'aws_cli' | 'shell' }>,
  refuse: Refuse,
): void {
  const program = command.type === 'exec' ? command.program : (command.interpreter ?? '');
  if (/(?:^|[\\/])aws(?:\.exe|\.cmd)?$/i.test(program)) {
    refuse([command.type === 'exec' ? 'program' : 'interpreter'], 'use a step of type aws_cli');
  }
  if (command.type === 'script' && command.path && leavesWorkspace(command.path)) {
    refuse(['path'], 'a file outside the workspace');
  }
}

function leavesWorkspace(path: string): boolean {
  return /^(?:[\\/~]|[A-Za-z]:[\\/])/.test(path) || path.split(/[\\/]/).includes('..');
}
