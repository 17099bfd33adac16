import { z } from 'zod';
import { Json } from '../json.ts';
import { ExecutionResult, Failure } from '../result.ts';

/** How one step of a plan ended. */
export const StepResult = z.strictObject({
  id: z.string(),
  status: z.enum(['completed', 'failed', 'cancelled', 'skipped']),
  /** Why it was skipped, or failed although its command did not. */
  reason: z.string().optional(),
  execution_id: z.string().optional(),
  result: ExecutionResult.optional(),
  outputs: z.record(z.string(), Json).optional(),
  /** Why the step failed: of its execution, or of its outputs and refs. */
  error: Failure.optional(),
});
/** How one step of a plan ended. */
export type StepResult = z.infer<typeof StepResult>;

/** How a plan ended, step by step in the plan's order. */
export const PlanResult = z.strictObject({
  id: z.string(),
  name: z.string().nullable(),
  status: z.enum(['completed', 'failed', 'cancelled']),
  steps: z.array(StepResult),
  duration: z.string(),
  duration_ms: z.int(),
  started_at: z.string(),
  completed_at: z.string(),
  error: Failure.nullable(),
});
/** How a plan ended, step by step in the plan's order. */
export type PlanResult = z.infer<typeof PlanResult>;
