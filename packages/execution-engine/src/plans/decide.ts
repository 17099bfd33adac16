import type { Plan, PlanStep } from './plan.ts';
import type { StepResult } from './result.ts';

/** What a failure means for the steps that have not started. */
export interface FailureRules {
  /** After a failure nothing new starts, apart from steps for `failure` and `always`. */
  halts: boolean;
  /** What runs is ended as well. */
  kills: boolean;
  /** A step runs whatever became of those before it: a serial plan that does not stop on errors. */
  ignoresFailures: boolean;
  /** A step that was not needed, such as one for `failure` without one, does not hold up the next: serial plans. */
  passesSkipped: boolean;
}

/** The rules of a plan's strategy. */
export function failureRules({ strategy }: Plan): FailureRules {
  switch (strategy.type) {
    case 'serial': {
      const halts = strategy.stop_on_error ?? true;
      return { halts, kills: false, ignoresFailures: !halts, passesSkipped: true };
    }
    case 'parallel':
      return {
        halts: strategy.stop_on_error ?? false,
        kills: false,
        ignoresFailures: false,
        passesSkipped: true,
      };
    default: {
      const mode = strategy.on_failure ?? 'stop';
      return {
        halts: mode !== 'continue',
        kills: mode === 'kill',
        ignoresFailures: false,
        passesSkipped: false,
      };
    }
  }
}

/** A step that has ended, as far as the others care. */
export interface EndedStep {
  id: string;
  status: StepResult['status'];
  /** It failed and was not allowed to, or something before it did. */
  failureBefore: boolean;
  /** What needs its success cannot run. */
  blocks: boolean;
}

/** How the plan as a whole stands. */
export interface PlanState {
  /** It was cancelled or ran out of time; killed: steps for `always` do not run either. */
  stopped: 'cancelled' | 'timeout' | 'killed' | null;
  /** The first step that failed and was not allowed to. */
  failedStep: string | null;
}

/** Whether a step whose dependencies have all ended runs: null where it does, else why not. */
export function reasonToSkip(
  step: PlanStep,
  dependencies: readonly EndedStep[],
  state: PlanState,
  rules: FailureRules,
): string | null {
  const when = step.when ?? 'success';
  if (when === 'always' && state.stopped !== 'killed') return null;
  if (state.stopped !== null) {
    return state.stopped === 'timeout' ? 'the plan ran out of time' : 'the plan was cancelled';
  }
  if (when === 'failure') {
    return dependencies.some((dependency) => dependency.failureBefore)
      ? null
      : 'nothing before it failed';
  }
  if (rules.ignoresFailures) return null;
  const blocker = dependencies.find((dependency) => dependency.blocks);
  if (blocker !== undefined) return `step ${blocker.id} ${verb(blocker.status)}`;
  if (rules.halts && state.failedStep !== null) return `step ${state.failedStep} failed`;
  return null;
}

/** What an ended step means for those that depend on it. */
export function endedStep(
  step: PlanStep,
  status: StepResult['status'],
  dependencies: readonly EndedStep[],
  rules: FailureRules,
): EndedStep {
  const failed = status === 'failed' && !(step.allow_failure ?? false);
  const unneeded = status === 'skipped' && (step.when ?? 'success') === 'failure';
  return {
    id: step.id,
    status,
    failureBefore: failed || dependencies.some((dependency) => dependency.failureBefore),
    blocks:
      failed ||
      status === 'cancelled' ||
      (status === 'skipped' && !(unneeded && rules.passesSkipped)),
  };
}

/** Many steps as one, for those that wait for all of them: steps for `failure` and `always` of a parallel plan. */
export function joined(steps: readonly EndedStep[]): EndedStep {
  return {
    id: '',
    status: 'completed',
    failureBefore: steps.some((step) => step.failureBefore),
    blocks: false,
  };
}

function verb(status: StepResult['status']): string {
  return status === 'skipped' || status === 'cancelled' ? `was ${status}` : status;
}
