import { z } from 'zod';
import { Command } from './commands/command.ts';
import { parameterArguments } from './commands/aws-parameters.ts';
import { Json } from './json.ts';
import { plainCopy } from './plain.ts';
import { parseOrThrow } from './validation.ts';

/** Timers of Node hold no more than 31 bits of milliseconds, 24.8 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds that fit into a timer. */
export const TimerMs = z.int().min(1).max(LONGEST_TIMER_MS);

/** The most that a result holds of one stream, 256 MiB: the longest string of V8 is twice that. */
export const LARGEST_CAPTURE = 256 * 1024 * 1024;

/** More arguments and variables than that no system takes in one command. */
const MOST_VALUES = 200_000;

/** The most that a command is given to read, 64 MiB: it travels as JSON, in which a character may take six. */
const LARGEST_INPUT = 64 * 1024 * 1024;

/** Text for a command to read. */
export const InputText = z
  .string()
  .max(LARGEST_INPUT, 'must be at most 64 MiB: put it into a file and let the command read that');

/** When and how often a failed command is run again; delays grow by `multiplier` up to `max_delay_ms`. */
export const RetryPolicy = z.strictObject({
  /** Runs in all, the first included. */
  max_attempts: z.int().min(1).max(100),
  /** Default 1000. */
  initial_delay_ms: z.int().min(0).max(LONGEST_TIMER_MS).nullish(),
  /** Default 2. */
  multiplier: z.number().min(1).max(100).nullish(),
  /** Default 30000. */
  max_delay_ms: z.int().min(0).max(LONGEST_TIMER_MS).nullish(),
  /** Only these exit codes are tried again; default: every failure but those of launching, cancel and logs. */
  on_exit_codes: z.array(z.int().min(0).max(255)).nullish(),
});
/** When and how often a failed command is run again. */
export type RetryPolicy = z.infer<typeof RetryPolicy>;

/** The fields that a request and a step of a plan share, apart from command, env and stdin. */
export const runFields = {
  /** Whether the host's environment is passed on; default true. */
  inherit_env: z.boolean().nullish(),
  /** Default: the host's own. */
  working_dir: z.string().min(1).nullish(),
  /** The longest one attempt may run. Default: no limit. */
  timeout_ms: TimerMs.nullish(),
  /** The longest it may say nothing. Default: no limit. */
  idle_timeout_ms: TimerMs.nullish(),
  retry: RetryPolicy.nullish(),
  /** Names of variables in `env` whose values are masked everywhere. */
  secrets: z.array(z.string().min(1)).nullish(),
  /** What the result holds of each stream, half from its head and half from its tail. Default: the engine's. */
  max_capture_bytes: z.int().min(0).max(LARGEST_CAPTURE).nullish(),
  /** False keeps the output out of log and events; default true. */
  log: z.boolean().nullish(),
  /** Higher goes first; default 0. */
  priority: z.int().min(-1000).max(1000).nullish(),
  metadata: z.record(z.string(), Json).nullish(),
};

/** One command to run in the background. */
export const ExecutionRequest = z.strictObject({
  /** A UUID, and the idempotency key: the same id with the same body is the same execution. Default: a new one. */
  id: z.guid().nullish(),
  command: Command,
  env: z.record(z.string(), z.string()).nullish(),
  /** What the command reads; default: nothing, its input is empty. */
  stdin: InputText.nullish(),
  ...runFields,
});
/** One command to run in the background. */
export type ExecutionRequest = z.infer<typeof ExecutionRequest>;

/**
 * Checks a request, also what a schema cannot say.
 *
 * @throws ExecutionError `INVALID_REQUEST` with the path of what is wrong
 */
export function parseRequest(input: unknown): ExecutionRequest {
  const request = parseOrThrow(
    ExecutionRequest,
    plainCopy(input, 'INVALID_REQUEST', MOST_VALUES),
    'INVALID_REQUEST',
  );
  if (request.command.type === 'aws_cli') parameterArguments(request.command);
  return request;
}
