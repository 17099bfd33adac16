import { z } from 'zod';
import type { LogRange } from './logs/text.ts';
import type { EventHandler } from './events.ts';
import type { StepResult } from './plans/result.ts';
import { Rerun } from './plans/resume.ts';
import { ExecutionStatus } from './result.ts';
import { invalid, parseOrThrow } from './validation.ts';

/** By its shape: a signal of another realm, such as a test environment's, is no instance of ours. */
const Signal = z.custom<AbortSignal>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function',
  'must be an AbortSignal',
);

const Bytes = z.int().min(0);

/** How to submit a request. */
export const SubmitOptions = z.strictObject({
  /** Cancels it when aborted. */
  signal: Signal.optional(),
});
/** How to submit a request. */
export type SubmitOptions = z.infer<typeof SubmitOptions>;

/** How to run a command. */
export const RunOptions = SubmitOptions.extend({
  /** Throw where it did not complete; default false. */
  check: z.boolean().optional(),
});
/** How to run a command. */
export type RunOptions = z.infer<typeof RunOptions>;

/** How to submit a plan. */
export interface SubmitPlanOptions extends SubmitOptions {
  /**
   * What came of steps that have run before, such as `steps` of an earlier plan's result: they are not run again, and
   * keep results and outputs. So a mended plan goes on behind what was done.
   */
  earlier?: readonly StepResult[] | undefined;
}

/** What {@link SubmitPlanOptions} are checked with. `earlier` has a check of its own, against the plan. */
export const SubmitPlanOptionsSchema = SubmitOptions.extend({
  earlier: z.custom<readonly StepResult[]>(() => true).optional(),
});

/** How to go on with a plan. */
export const ResumeOptions = SubmitOptions.extend({
  /** Which steps run once more: default none. */
  rerun: Rerun.optional(),
  /** Of the new plan: a UUID, and the idempotency key. Default: a new one. */
  id: z.guid().optional(),
});
/** How to go on with a plan. */
export type ResumeOptions = z.infer<typeof ResumeOptions>;

/** What a {@link LogRange} is checked with. */
export const LogRangeSchema: z.ZodType<LogRange> = z.strictObject({
  from: Bytes.optional(),
  limit: Bytes.optional(),
});

/** From where to follow a log, and until when. */
export const FollowOptions = SubmitOptions.extend({ from: Bytes.optional() });
/** From where to follow a log, and until when. */
export type FollowOptions = z.infer<typeof FollowOptions>;

/** Which part of the history to list. */
export const ListOptions = z.strictObject({
  status: ExecutionStatus.optional(),
  /** Default 100. */
  limit: z.int().min(0).optional(),
});
/** Which part of the history to list. */
export type ListOptions = z.infer<typeof ListOptions>;

/** How to close. */
export const CloseOptions = z.strictObject({
  /** `drain` (default) waits for what was accepted, `kill` cancels it. */
  mode: z.enum(['drain', 'kill']).optional(),
});
/** How to close. */
export type CloseOptions = z.infer<typeof CloseOptions>;

/**
 * Checks the options of a call.
 *
 * @throws ExecutionError `INVALID_OPTIONS`
 */
export function checkOptions<Schema extends z.ZodType>(
  schema: Schema,
  options: z.input<Schema>,
): z.output<Schema> {
  return parseOrThrow(schema, options, 'INVALID_OPTIONS');
}

/** @throws ExecutionError `INVALID_OPTIONS` where it has no `onEvent` */
export function requireHandler(handler: EventHandler): void {
  if (typeof handler === 'object' && typeof handler?.onEvent === 'function') return;
  throw invalid('INVALID_OPTIONS', [{ path: '', message: 'a handler is an object with onEvent' }]);
}

/** @throws ExecutionError `INVALID_OPTIONS` where it is no text */
export function requireSecret(value: string): void {
  if (typeof value === 'string') return;
  throw invalid('INVALID_OPTIONS', [{ path: '', message: 'a secret is a string' }]);
}
