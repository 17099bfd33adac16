import { invalid, pathText } from '../validation.ts';
import type { Issue } from '../validation.ts';
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

const PARAM_FILE_MESSAGE =
  'the AWS CLI would replace this value by a file or a download; pass the content, use the API parameter name, or set allow_param_files';

/** {@link AwsArguments} in which values may still be refs. */
interface OpenArguments {
  parameters?: Record<string, Json> | null | undefined;
  args?: readonly unknown[] | null | undefined;
  allow_param_files?: boolean | null | undefined;
}

/**
 * The values that the CLI would replace by a file or a download, as issues with their paths below the command; none
 * where `allow_param_files` is set. What is no text yet, such as a ref, is passed over.
 */
export function paramFileIssues({
  parameters,
  args,
  allow_param_files: allowed,
}: OpenArguments): Issue<(string | number)[]>[] {
  if (allowed ?? false) return [];
  const paths: (string | number)[][] = [];
  for (const [name, value] of Object.entries(parameters ?? {})) {
    if (isApiName(name) || typeof value !== 'string') continue;
    if (PARAM_FILE.test(value)) paths.push(['parameters', name]);
  }
  for (const [index, arg] of (args ?? []).entries()) {
    if (typeof arg !== 'string') continue;
    const value = arg.startsWith('--') ? arg.slice(arg.indexOf('=') + 1) : arg;
    if (PARAM_FILE.test(value)) paths.push(['args', index]);
  }
  return paths.map((path) => ({ path, message: PARAM_FILE_MESSAGE }));
}

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
  const replaced = paramFileIssues(command);
  if (replaced.length > 0) {
    throw invalid(
      'INVALID_REQUEST',
      replaced.map(({ path, message }) => ({ path: pathText(['command', ...path]), message })),
    );
  }
  const input: Record<string, Json> = {};
  const options: string[] = [];
  for (const [name, value] of Object.entries(command.parameters ?? {})) {
    if (value === null) continue;
    if (isApiName(name)) input[name] = value;
    else options.push(optionText(name, value));
  }
  // Two arguments: the CLI (v1) waives its required options only where this option stands alone.
  const json = Object.keys(input).length > 0 ? ['--cli-input-json', JSON.stringify(input)] : [];
  return [...(command.args ?? []), ...json, ...options];
}

function isApiName(name: string): boolean {
  return /[A-Z]/u.test(name);
}

function optionText(name: string, value: Json): string {
  if (value === true) return `--${name}`;
  if (value === false) return `--no-${name}`;
  return `--${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
}
