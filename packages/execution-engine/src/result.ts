import { z } from 'zod';
import { FAILURE_CODES } from './errors.ts';
import { Json } from './json.ts';

/** Where an execution or a plan stands. */
export const ExecutionStatus = z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']);
/** Where an execution or a plan stands. */
export type ExecutionStatus = z.infer<typeof ExecutionStatus>;

/** Why it ended without success. */
export const Failure = z.strictObject({ code: z.enum(FAILURE_CODES), message: z.string() });
/** Why it ended without success. */
export type Failure = z.infer<typeof Failure>;

/** How an execution ended. */
export const ExecutionResult = z.strictObject({
  id: z.string(),
  status: z.enum(['completed', 'failed', 'cancelled']),
  /** Null where the process was ended by a signal or never ran. */
  exit_code: z.int().nullable(),
  /** `SIGKILL` and so on. */
  signal: z.string().nullable(),
  /** Head and tail of the last attempt's output, up to the capture bound. */
  stdout: z.string(),
  stderr: z.string(),
  stdout_truncated: z.boolean(),
  stderr_truncated: z.boolean(),
  /** The process did not read all of its input. */
  stdin_truncated: z.boolean(),
  /** The process ended while another one still held its output open. */
  pipes_held_open: z.boolean(),
  /** SIGTERM was not enough. */
  escalated: z.boolean(),
  /** Process ids that could not be ended. */
  survivors: z.array(z.int()),
  /** For people: `2.5s`. */
  duration: z.string(),
  duration_ms: z.int(),
  /** Null where it never started. */
  started_at: z.string().nullable(),
  completed_at: z.string(),
  /** Null where none was asked for, or none could be written. */
  log_path: z.string().nullable(),
  attempts: z.int(),
  error: Failure.nullable(),
  metadata: z.record(z.string(), Json),
});
/** How an execution ended. */
export type ExecutionResult = z.infer<typeof ExecutionResult>;

/** A duration for people, in seconds: `2.5s`. */
export function durationText(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)}s`;
}
