import { CLI_ENVIRONMENT } from './commands/aws-cli.ts';
import { EngineOptionsSchema } from './options.ts';
import type { EngineOptions } from './options.ts';
import { invalid, parseOrThrow } from './validation.ts';

type Read = (text: string, variable: string) => unknown;

const text: Read = (value) => value;
const number: Read = (value) => Number(value);
const flag: Read = (value, variable) => {
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw invalid('INVALID_OPTIONS', [{ path: variable, message: 'must be true, false, 1 or 0' }]);
};

/** Every variable that {@link optionsFromEnv} reads, behind `CLOUDOPS_ENGINE_`: the path of its option, and its kind. */
export const VARIABLES: Readonly<Record<string, readonly [path: string, read: Read]>> = {
  MAX_CONCURRENT: ['maxConcurrent', number],
  KILL_GRACE_MS: ['killGraceMs', number],
  LOG_DIR: ['logDir', text],
  MAX_CAPTURE_BYTES: ['maxCaptureBytes', number],
  HISTORY_LIMIT: ['historyLimit', number],
  STATE_DIR: ['stateDir', text],
  SYNC_STATE: ['syncState', flag],
  ON_HOST_DEATH: ['onHostDeath', text],
  KEEPER: ['keeper', flag],
  SPOOL_LIMIT_BYTES: ['spoolLimitBytes', number],
  MASK_AWS_KEYS: ['maskAwsKeys', flag],
  HANDLER_GRACE_MS: ['handlerGraceMs', number],
  RETENTION_MAX_AGE_MS: ['retention.maxAgeMs', number],
  RETENTION_MAX_COUNT: ['retention.maxCount', number],
  RETENTION_MAX_BYTES: ['retention.maxBytes', number],
  AWS_BINARY: ['awsCli.binary', text],
  AWS_ENDPOINT_URL: ['awsCli.endpointUrl', text],
  WARM_CLI: ['awsCli.warmCli', text],
};

/** What the AWS CLI itself reads; what the engine sets for every call stays as it sets it. */
const awsVariable = /^(?:AWS_.+|(?:HTTPS?|NO)_PROXY|(?:https?|no)_proxy)$/u;

/**
 * Options from `CLOUDOPS_ENGINE_*` variables: one for each option that is a text, a number or a switch (`true`, `false`,
 * `1`, `0`); the page on configuration lists them. What is not set, or empty, is left out. `AWS_*` variables and those of
 * proxies become `awsCli.env`, for calls that inherit nothing else (those of playbooks).
 *
 * @throws ExecutionError `INVALID_OPTIONS` where a value is none
 */
export function optionsFromEnv(env: NodeJS.ProcessEnv): EngineOptions {
  const options: Record<string, unknown> = {};
  const groups: Record<string, Record<string, unknown>> = {};
  for (const [name, [path, read]] of Object.entries(VARIABLES)) {
    const variable = `CLOUDOPS_ENGINE_${name}`;
    const value = env[variable];
    if (value === undefined || value === '') continue;
    const [first = '', second] = path.split('.');
    if (second === undefined) options[first] = read(value, variable);
    else (groups[first] ??= {})[second] = read(value, variable);
  }
  const aws = awsEnvironment(env);
  if (Object.keys(aws).length > 0) (groups['awsCli'] ??= {})['env'] = aws;
  return parseOrThrow(EngineOptionsSchema, { ...options, ...groups }, 'INVALID_OPTIONS');
}

function awsEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!value || !awsVariable.test(name) || Object.hasOwn(CLI_ENVIRONMENT, name)) continue;
    found[name] = value;
  }
  const region = found['AWS_REGION'];
  // Containers of AWS have the one, version 1 of the CLI reads the other.
  if (region !== undefined) found['AWS_DEFAULT_REGION'] ??= region;
  return found;
}
