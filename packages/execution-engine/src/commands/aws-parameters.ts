import { invalid } from '../validation.ts';
import type { Json } from '../json.ts';

/** The part of an `aws_cli` command that holds values from outside. */
export interface AwsArguments {
  parameters?: Record<string, Json> | null | undefined;
  args?: string[] | null | undefined;
  allow_param_files?: boolean | null | undefined;
}

/**
 * What the CLI replaces by the content of a file or, in v1, by what it downloads: a value that begins so, and in
 * shorthand syntax a member assigned with `@=` (`Name@=file://…`).
 */
const PARAM_FILE = /^\s*(?:fileb?|https?):\/\/|@=\s*["']?(?:fileb?|https?):\/\//u;

/**
 * The arguments for parameters and args.
 *
 * Names with a capital letter are the API's own and travel together as one `--cli-input-json`, inside which the CLI
 * replaces nothing. Option names become `--name=value`: true is `--name`, false `--no-name`, lists and objects are
 * JSON, null is left out.
 *
 * @throws ExecutionError `INVALID_REQUEST` for a value that the CLI would replace, unless `allow_param_files` is set
 */
export function parameterArguments(command: AwsArguments): string[] {
  const input: Record<string, Json> = {};
  const options: string[] = [];
  const allowed = command.allow_param_files ?? false;
  for (const [name, value] of Object.entries(command.parameters ?? {})) {
    if (value === null) continue;
    if (/[A-Z]/u.test(name)) {
      input[name] = value;
      continue;
    }
    if (!allowed && typeof value === 'string' && PARAM_FILE.test(value)) {
      throw refused(`command.parameters.${name}`);
    }
    options.push(optionText(name, value));
  }
  const args = command.args ?? [];
  for (const [index, arg] of args.entries()) {
    const value = arg.startsWith('--') ? arg.slice(arg.indexOf('=') + 1) : arg;
    if (!allowed && PARAM_FILE.test(value)) throw refused(`command.args[${index}]`);
  }
  // Two arguments: the CLI (v1) waives its required options only where this option stands alone.
  const json = Object.keys(input).length > 0 ? ['--cli-input-json', JSON.stringify(input)] : [];
  return [...args, ...json, ...options];
}

function optionText(name: string, value: Json): string {
  if (value === true) return `--${name}`;
  if (value === false) return `--no-${name}`;
  return `--${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
}

function refused(path: string) {
  return invalid('INVALID_REQUEST', [
    {
      path,
      message:
        'the AWS CLI would replace this value by a file or a download; pass the content, use the API parameter name, or set allow_param_files',
    },
  ]);
}
