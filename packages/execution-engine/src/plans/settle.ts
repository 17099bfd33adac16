import { failureFrom } from '../errors.ts';
import type { ExecutionResult } from '../result.ts';
import { readOutput } from './outputs.ts';
import type { PlanStep } from './plan.ts';
import type { StepResult } from './result.ts';

/** What a step's execution means for the step: its outputs are read, and one that is not there fails the step. */
export function stepResultOf(step: PlanStep, result: ExecutionResult): StepResult {
  const { id, status, error } = result;
  const ended: StepResult = { id: step.id, status, execution_id: id, result };
  if (error !== null) return { ...ended, error, reason: error.message };
  try {
    return { ...ended, outputs: outputsOf(step, result) };
  } catch (thrown) {
    return { ...ended, ...failedStep(step.id, thrown) };
  }
}

/** The declared outputs of a step. @throws ExecutionError `OUTPUT_INVALID` */
export function outputsOf(step: PlanStep, result: ExecutionResult): StepResult['outputs'] {
  return Object.fromEntries(
    Object.entries(step.outputs ?? {}).map(([name, source]) => [
      name,
      readOutput(name, source, result),
    ]),
  );
}

/** A step that failed, whatever became of its command. */
export function failedStep(id: string, thrown: unknown): StepResult {
  const error = failureFrom(thrown);
  return { id, status: 'failed', error, reason: error.message };
}
