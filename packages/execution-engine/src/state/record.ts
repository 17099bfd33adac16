import { z } from 'zod';
import { Plan } from '../plans/plan.ts';
import { Json } from '../json.ts';
import { PlanResult, StepResult } from '../plans/result.ts';
import { ExecutionRequest } from '../request.ts';
import { ExecutionResult } from '../result.ts';

/** A process of this or another engine: pid and start time, so that a later one of the same pid is told from it. */
export const Owner = z.object({ pid: z.int(), start_time: z.string().nullable() });
/** A process of this or another engine. */
export type Owner = z.infer<typeof Owner>;

/** Whether two owners are one process. */
export function isSameOwner(a: Owner, b: Owner): boolean {
  return a.pid === b.pid && a.start_time === b.start_time;
}

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
  /** Of the request or plan: tells whether its id is used again for the same. */
  body: z.string(),
};

/** What is stored of an execution, from its acceptance on. */
export const StoredExecution = z
  .object({
    ...common,
    kind: z.literal('execution'),
    plan_id: z.string().optional(),
    step_id: z.string().optional(),
    /**
     * Null from its end on: nobody needs its environment and input any more. Values of variables that it calls secret are never
     * written; a later engine gets them from the keeper of its process.
     */
    request: ExecutionRequest.nullable(),
    metadata: z.record(z.string(), Json),
    started_at: z.int().nullable(),
    attempts: z.int(),
    /** Of the attempt that runs. */
    ticket: LaunchTicket.nullable(),
    result: ExecutionResult.nullable(),
  })
  .refine(({ request, result }) => request !== null || result !== null, {
    message: 'has neither request nor result',
  });
/** What is stored of an execution, from its acceptance on. */
export type StoredExecution = z.infer<typeof StoredExecution>;

/** What is stored of a plan. */
export const StoredPlan = z.object({
  ...common,
  kind: z.literal('plan'),
  /** Null once it has completed; otherwise it may be resumed. */
  plan: Plan.nullable(),
  name: z.string().nullable(),
  /** Set when it was told to end. */
  stopped: z.enum(['cancelled', 'timeout', 'killed']).nullable(),
  /** What came of steps that an earlier plan has run. Empty from its end on: the result has them. */
  earlier: z.array(StepResult),
  /** By step: executions that an earlier plan started. */
  adopted: z.record(z.string(), z.string()),
  resumed_from: z.string().nullable(),
  result: PlanResult.nullable(),
});
/** What is stored of a plan. */
export type StoredPlan = z.infer<typeof StoredPlan>;

/** One record of the store. */
export const StateRecord = z.discriminatedUnion('kind', [StoredExecution, StoredPlan]);
/** One record of the store. */
export type StateRecord = z.infer<typeof StateRecord>;
