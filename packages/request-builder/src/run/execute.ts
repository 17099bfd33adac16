import {
  ExecutionError,
  type ExecutionEvent,
  type Plan,
  type PlanResult,
} from 'cloudops-execution-engine';
import { RequestError } from '../errors.ts';
import type { BuilderEvent } from '../events.ts';
import type { BuilderEngine } from '../ports.ts';
import type { StepPreview } from '../preview/preview.ts';
import type { LineMasker } from './line-masker.ts';

export interface ExecuteOptions {
  /** What the steps were previewed as. */
  shown: readonly StepPreview[];
  signal: AbortSignal;
  masker: LineMasker;
  onEvent: (event: BuilderEvent) => void;
  /** Called with the plan's id once it is accepted; what it returns names the run in events. Default: the plan's id. */
  onStart?: (planId: string) => string;
}

/**
 * Runs a compiled plan to its end and tells what its steps do. What a step prints stays out of the log where it is sensitive.
 *
 * @throws RequestError `PLAN_INVALID` where the engine refuses the plan; nothing ran then
 */
export async function executePlan(
  engine: BuilderEngine,
  plan: Plan,
  { shown, signal, masker, onEvent, onStart }: ExecuteOptions,
): Promise<PlanResult> {
  const sensitive = new Set(shown.filter((step) => step.has_sensitive_output).map(({ id }) => id));
  const steps = plan.steps.map((step) => Object.assign(step, { log: !sensitive.has(step.id) }));
  const planId = await start(engine, { ...plan, steps }, signal);
  const runId = onStart?.(planId) ?? planId;
  const report = reporter(runId, sensitive, masker, onEvent);
  try {
    for await (const event of engine.events(planId)) report(event);
  } catch (error) {
    // The plan runs on, whether or not its log can be read: its end is waited for all the same.
    const message = error instanceof Error ? error.message : String(error);
    onEvent({ type: 'warning', code: 'EVENTS_LOST', message });
  }
  const result = await engine.getPlanResult(planId);
  for (const step of result.steps) {
    if (step.status === 'skipped') {
      onEvent({ type: 'step_ended', run_id: runId, step_id: step.id, status: 'skipped' });
    }
  }
  return result;
}

/** Turns the engine's events of steps into the builder's: masked, and without sensitive output. */
function reporter(
  runId: string,
  sensitive: ReadonlySet<string>,
  masker: LineMasker,
  onEvent: (event: BuilderEvent) => void,
): (event: ExecutionEvent) => void {
  return (event) => {
    const stepId = event.step_id;
    if (stepId === undefined) return;
    switch (event.type) {
      case 'started':
        onEvent({ type: 'step_started', run_id: runId, step_id: stepId, attempt: event.attempt });
        break;
      case 'stdout':
      case 'stderr': {
        if (sensitive.has(stepId)) break;
        const line = masker.mask(`${stepId}/${event.type}`, event.line);
        onEvent({ type: 'step_output', run_id: runId, step_id: stepId, stream: event.type, line });
        break;
      }
      case 'completed':
      case 'failed':
      case 'cancelled':
        onEvent({ type: 'step_ended', run_id: runId, step_id: stepId, status: event.type });
        break;
      default:
    }
  };
}

async function start(engine: BuilderEngine, plan: Plan, signal: AbortSignal): Promise<string> {
  try {
    return await engine.executePlan(plan, { signal });
  } catch (error) {
    if (!ExecutionError.is(error) || error.code !== 'PLAN_INVALID') throw error;
    throw new RequestError('PLAN_INVALID', `the engine refuses the plan: ${error.message}`, {
      cause: error,
    });
  }
}
