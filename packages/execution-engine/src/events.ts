import { z } from 'zod';
import { PlanResult } from './plans/result.ts';
import { ExecutionResult } from './result.ts';

const envelope = {
  execution_id: z.string(),
  plan_id: z.string().optional(),
  step_id: z.string().optional(),
  /** From 1, without a gap within one `execution_id`. */
  seq: z.int().min(1),
  timestamp: z.string(),
};

const line = {
  ...envelope,
  /** Without its line ending; NUL is kept, bytes that are no UTF-8 become U+FFFD. */
  line: z.string(),
  /** True for a piece of a line longer than 1 MB; the line's last piece has no such mark. */
  partial: z.literal(true).optional(),
};

const outcome = { result: z.union([ExecutionResult, PlanResult]) };

const started = {
  type: z.literal('started'),
  /** Null for a plan. */
  pid: z.int().nullable(),
  argv: z.array(z.string()),
  /** From 1; higher where a failed run is tried again. */
  attempt: z.int().min(1),
  /** Set where it is a fork of a process that has the AWS CLI loaded. */
  warm: z.literal(true).optional(),
};

const progress = {
  type: z.literal('progress'),
  completed: z.int(),
  total: z.int(),
  message: z.string().optional(),
};

/** The fields of an event that is neither output nor the last one, without the envelope. */
export const StoredEvent = z.discriminatedUnion('type', [
  z.strictObject(started),
  z.strictObject(progress),
]);
/** The fields of an event that is neither output nor the last one, without the envelope. */
export type StoredEvent = z.infer<typeof StoredEvent>;

/** The fields of a last event, without the envelope. */
export interface LastEvent {
  type: 'completed' | 'failed' | 'cancelled';
  result: ExecutionResult | PlanResult;
}

/**
 * What happens to an execution or a plan. A plan's own events have its id as `execution_id` and as `plan_id`.
 * The last is exactly one of `completed`, `failed` and `cancelled`.
 */
export const ExecutionEvent = z.discriminatedUnion('type', [
  z.strictObject({ ...envelope, ...started }),
  z.strictObject({ type: z.literal('stdout'), ...line }),
  z.strictObject({ type: z.literal('stderr'), ...line }),
  z.strictObject({ ...envelope, ...progress }),
  z.strictObject({ type: z.literal('completed'), ...envelope, ...outcome }),
  z.strictObject({ type: z.literal('failed'), ...envelope, ...outcome }),
  z.strictObject({ type: z.literal('cancelled'), ...envelope, ...outcome }),
]);
/** What happens to an execution or a plan. */
export type ExecutionEvent = z.infer<typeof ExecutionEvent>;

/**
 * Gets every event of every execution that is accepted after it was added, in order within each execution.
 *
 * A handler that is slow is waited for, but only by its own queue, which reads from the log; one that throws or
 * rejects gets the next event all the same. Nothing that it does changes an execution.
 */
export interface EventHandler {
  onEvent(event: ExecutionEvent): void | Promise<void>;
}

/** Whether `event` is the last of its execution or plan. */
export function isTerminalEvent(
  event: ExecutionEvent,
): event is Extract<ExecutionEvent, { type: 'completed' | 'failed' | 'cancelled' }> {
  return event.type === 'completed' || event.type === 'failed' || event.type === 'cancelled';
}
