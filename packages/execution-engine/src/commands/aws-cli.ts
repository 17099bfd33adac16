import { z } from 'zod';
import { Json } from '../json.ts';
import type { AwsCliOptions, Invocation } from './invocation.ts';
import { parameterArguments } from './aws-parameters.ts';
import { Argument } from './values.ts';

/** Service and operation names of the CLI: `ec2`, `describe-instances`, `wait instance-running` is an operation and an arg. */
const CliName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/u, 'must be a CLI name such as "describe-instances"');

const OptionValue = Argument.regex(/^[^-]/u, 'must not be empty or begin with "-"');

/** The schema of an `aws_cli` command whose arguments are `argument` and whose parameters hold `value`. */
export function awsCliCommandOf<Value extends z.ZodType, Parameter extends z.ZodType>(
  argument: Value,
  parameter: Parameter,
) {
  return z.strictObject({
    type: z.literal('aws_cli'),
    service: CliName,
    operation: CliName,
    /** By the API's names (`InstanceIds`) or the CLI's option names (`instance-ids`). */
    parameters: z
      .record(
        z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/u, 'must be a parameter or option name'),
        parameter,
      )
      .nullish(),
    /** Further arguments, as they are: after the operation, before everything else. */
    args: z.array(argument).nullish(),
    region: OptionValue.nullish(),
    profile: OptionValue.nullish(),
    /** JMESPath, `--query`. */
    query: Argument.nullish(),
    /** Default `json`. */
    output: z.enum(['json', 'text', 'table', 'yaml', 'yaml-stream']).nullish(),
    /** Lets the CLI replace values such as `file://…` by a file or a download. */
    allow_param_files: z.boolean().nullish(),
  });
}

/** A call of the AWS CLI. */
export const AwsCliCommand = awsCliCommandOf(Argument, Json);
/** A call of the AWS CLI. */
export type AwsCliCommand = z.infer<typeof AwsCliCommand>;

/**
 * No pager, no look at the instance metadata service, one attempt: whoever calls the engine owns retries.
 */
export const CLI_ENVIRONMENT: Readonly<Record<string, string>> = {
  AWS_PAGER: '',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_RETRY_MODE: 'standard',
  AWS_MAX_ATTEMPTS: '1',
};

/** Without these the CLI finds neither its interpreter nor its configuration; passed also with `inherit_env: false`. */
const ALWAYS_INHERITED = ['PATH', 'HOME', 'SystemRoot', 'USERPROFILE'];

/**
 * The arguments that come from the command itself: service, operation, args, parameters, region, profile and query, in this order.
 *
 * @throws ExecutionError `INVALID_REQUEST` where a value would be replaced by a file or a download
 */
export function awsCliArguments(command: AwsCliCommand): string[] {
  return [
    command.service,
    command.operation,
    ...parameterArguments(command),
    ...(command.region == null ? [] : ['--region', command.region]),
    ...(command.profile == null ? [] : ['--profile', command.profile]),
    ...(command.query == null ? [] : [`--query=${command.query}`]),
  ];
}

/**
 * How the AWS CLI is started.
 *
 * @throws ExecutionError `INVALID_REQUEST` where a value would be replaced by a file or a download
 */
export function invokeAwsCli(
  command: AwsCliCommand,
  options: AwsCliOptions,
  hostEnv: NodeJS.ProcessEnv = process.env,
): Invocation {
  const inherited: Record<string, string> = {};
  for (const name of ALWAYS_INHERITED) {
    const value = hostEnv[name];
    if (value !== undefined) inherited[name] = value;
  }
  return {
    program: options.binary,
    args: [
      ...awsCliArguments(command),
      ...(options.endpointUrl === null ? [] : ['--endpoint-url', options.endpointUrl]),
      '--output',
      command.output ?? 'json',
      '--cli-connect-timeout',
      '5',
      '--cli-read-timeout',
      '60',
    ],
    env: { ...inherited, ...CLI_ENVIRONMENT, ...options.env },
    warmCli: options.warmCli !== 'off',
  };
}
