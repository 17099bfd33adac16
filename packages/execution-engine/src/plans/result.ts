import { z } from 'zod';
import { Json } from '../json.ts';
import { ExecutionResult, Failure, durationText } from '../result.ts';

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
  /** It was not run by this plan: an earlier one has, and it kept what came of it. */
  earlier: z.literal(true).optional(),
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
  /** The plan that this one went on with. */
  resumed_from: z.string().optional(),
});
/** How a plan ended, step by step in the plan's order. */
export type PlanResult = z.infer<typeof PlanResult>;

/** What a plan's result is made of. */
export interface PlanResultParts {
  id: string;
  name: string | null;
  steps: StepResult[];
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  error: Failure | null;
  resumedFrom: string | null;
}

/** The result, complete. */
export function planResultOf(parts: PlanResultParts): PlanResult {
  const { id, name, steps, startedAt, error, resumedFrom } = parts;
  const durationMs = Math.max(0, Math.round(parts.durationMs));
  return {
    id,
    name,
    status: error === null ? 'completed' : error.code === 'CANCELLED' ? 'cancelled' : 'failed',
    steps,
    duration: durationText(durationMs),
    duration_ms: durationMs,
    started_at: new Date(startedAt).toISOString(),
    completed_at: new Date().toISOString(),
    error,
    ...(resumedFrom !== null && { resumed_from: resumedFrom }),
  };
}
