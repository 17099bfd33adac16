import { z } from 'zod';
import type { EndedExecution } from '../execution/ended.ts';
import type { Execution } from '../execution/execution.ts';
import { ExecutionError } from '../errors.ts';
import { plainCopy } from '../plain.ts';
import { lostSecrets } from '../state/secrets-apart.ts';
import { invalid, parseOrThrow } from '../validation.ts';
import type { Issue } from '../validation.ts';
import type { Plan, PlanStep } from './plan.ts';
import { StepResult } from './result.ts';
import { failedStep, outputsOf } from './settle.ts';

/** What a plan begins with. */
export interface PlanStart {
  plan: Plan;
  /** By step: what came of it in an earlier plan. It is not run again. */
  earlier: ReadonlyMap<string, StepResult>;
  /** By step: an execution that an earlier plan started, and that still runs. */
  adopted: ReadonlyMap<string, Execution | EndedExecution>;
  /** The plan that this one goes on with. */
  resumedFrom: string | null;
}

/** A plan of which nothing has happened yet. */
export function freshPlan(plan: Plan, earlier: PlanStart['earlier'] = new Map()): PlanStart {
  return { plan, earlier, adopted: new Map(), resumedFrom: null };
}

/**
 * Which steps run once more in a resumed plan: those whose end is not known (`interrupted`: their host died), those
 * that ran without success (`failed`, the interrupted among them), or those named.
 */
export const Rerun = z.union([z.enum(['interrupted', 'failed']), z.array(z.string())]);
/** Which steps run once more in a resumed plan. */
export type Rerun = z.infer<typeof Rerun>;

/** A plan that has ended, or whose host has: what can be gone on with. */
export interface ResumablePlan {
  id: string;
  plan: Plan;
  /** Of the steps that have run. */
  results: readonly StepResult[];
  /** By step: what runs still. */
  running: ReadonlyMap<string, Execution | EndedExecution>;
}

/**
 * What goes on with a plan.
 *
 * @throws ExecutionError `INVALID_OPTIONS` where `rerun` names what is no step of it, `NOT_RESUMABLE` where a step that is to run
 * had secrets, and only the engine that is gone knew them
 */
export function resumedPlan(before: ResumablePlan, rerun: Rerun | null): PlanStart {
  const { id, plan, results, running } = before;
  if (Array.isArray(rerun)) requireSteps(plan, rerun);
  const kept = results.filter((result) => !runsAgain(result, rerun));
  const ran = new Set([...kept.map((result) => result.id), ...running.keys()]);
  for (const step of plan.steps) if (!ran.has(step.id)) requireSecrets(before.id, step);
  return {
    plan,
    // Whether it ran in that plan or in one before that does not matter: it has run.
    earlier: new Map(kept.map((result) => [result.id, result])),
    adopted: running,
    resumedFrom: id,
  };
}

function runsAgain({ id, status, error }: StepResult, rerun: Rerun | null): boolean {
  if (rerun === null) return false;
  if (Array.isArray(rerun)) return rerun.includes(id);
  return rerun === 'failed' ? status !== 'completed' : error?.code === 'INTERRUPTED';
}

function requireSecrets(id: string, step: PlanStep): void {
  const lost = lostSecrets(step);
  if (lost.length === 0) return;
  const message = `plan ${id} cannot be resumed: the secrets of step ${step.id} (${lost.join(', ')}) are never stored. Execute the plan again, with what has run as \`earlier\`.`;
  throw new ExecutionError('NOT_RESUMABLE', message, { details: { id, step: step.id, lost } });
}

function requireSteps(plan: Plan, ids: readonly string[]): void {
  const known = new Set(plan.steps.map((step) => step.id));
  const issues = ids.flatMap((id, at) =>
    known.has(id) ? [] : [{ path: `rerun[${at}]`, message: `there is no step ${id}` }],
  );
  if (issues.length > 0) throw invalid('INVALID_OPTIONS', issues);
}

/** As many fields as the results of a plan of 50,000 steps have. */
const MOST_VALUES = 2_000_000;

/**
 * Checks what a caller says of steps that have run before.
 *
 * @throws ExecutionError `PLAN_INVALID` where one is no result, is of no step of the plan, was skipped, or lacks an output
 * that the plan declares; paths begin with `earlier`
 */
export function checkEarlier(plan: Plan, input: unknown): PlanStart['earlier'] {
  const { earlier } = parseOrThrow(
    z.object({ earlier: z.array(StepResult) }),
    plainCopy({ earlier: input }, 'PLAN_INVALID', MOST_VALUES),
    'PLAN_INVALID',
  );
  const steps = new Map(plan.steps.map((step) => [step.id, step]));
  const checked = new Map<string, StepResult>();
  const issues: Issue[] = [];
  for (const [at, result] of earlier.entries()) {
    const step = steps.get(result.id);
    const problem = problemOf(step, result, checked);
    if (problem !== null) issues.push({ path: `earlier[${at}]`, message: problem });
    if (step === undefined) continue;
    try {
      checked.set(result.id, withOutputs(step, result));
    } catch (error) {
      const { reason: message = 'an output is missing' } = failedStep(step.id, error);
      issues.push({ path: `earlier[${at}].outputs`, message });
    }
  }
  if (issues.length > 0) throw invalid('PLAN_INVALID', issues);
  return checked;
}

function problemOf(
  step: PlanStep | undefined,
  { id, status }: StepResult,
  before: ReadonlyMap<string, StepResult>,
): string | null {
  if (step === undefined) return `the plan has no step ${id}`;
  if (before.has(id)) return `step ${id} is there twice`;
  return status === 'skipped' ? `step ${id} was skipped: there is nothing to keep` : null;
}

/** A mended plan may want more outputs than the one that ran had. */
function withOutputs(step: PlanStep, result: StepResult): StepResult {
  const names = Object.keys(step.outputs ?? {});
  const missing = names.find((name) => !Object.hasOwn(result.outputs ?? {}, name));
  if (result.status !== 'completed' || missing === undefined) return result;
  if (result.result === undefined) {
    throw new ExecutionError('OUTPUT_INVALID', `output ${missing} is missing`);
  }
  return { ...result, outputs: { ...outputsOf(step, result.result), ...result.outputs } };
}
