import { z } from 'zod';
import { Plan } from '../plans/plan.ts';
import { PlanResult } from '../plans/result.ts';
import { ExecutionRequest } from '../request.ts';
import { ExecutionResult } from '../result.ts';

/** A process of this or another engine: pid and start time, so that a later one of the same pid is told from it. */
const Owner = z.object({ pid: z.int(), start_time: z.string().nullable() });

/** Where a launched process and its output can be found again. */
export const LaunchTicket = z.object({
  launch: z.string(),
  keeper: z.object({
    engineId: z.string(),
    folder: z.string(),
    socket: z.string(),
    onHostDeath: z.enum(['kill', 'keep']),
    killGraceMs: z.number(),
    spoolLimitBytes: z.number(),
    durable: z.boolean(),
  }),
});
/** Where a launched process and its output can be found again. */
export type LaunchTicket = z.infer<typeof LaunchTicket>;

const common = {
  version: z.literal(1),
  id: z.string(),
  /** The host whose engine accepted it. */
  owner: Owner,
  accepted_at: z.int(),
};

/** What is stored of an execution, from its acceptance on. */
export const StoredExecution = z.object({
  ...common,
  kind: z.literal('execution'),
  plan_id: z.string().optional(),
  step_id: z.string().optional(),
  request: ExecutionRequest,
  /** Also those that were inherited: a later engine has to mask them as well. */
  secret_values: z.array(z.string()),
  started_at: z.int().nullable(),
  attempts: z.int(),
  /** Of the attempt that runs. */
  ticket: LaunchTicket.nullable(),
  result: ExecutionResult.nullable(),
});
/** What is stored of an execution, from its acceptance on. */
export type StoredExecution = z.infer<typeof StoredExecution>;

/** What is stored of a plan. */
export const StoredPlan = z.object({
  ...common,
  kind: z.literal('plan'),
  plan: Plan,
  result: PlanResult.nullable(),
});
/** What is stored of a plan. */
export type StoredPlan = z.infer<typeof StoredPlan>;

/** One record of the store. */
export const StateRecord = z.discriminatedUnion('kind', [StoredExecution, StoredPlan]);
/** One record of the store. */
export type StateRecord = z.infer<typeof StateRecord>;
