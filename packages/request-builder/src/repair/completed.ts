import type { Json } from 'cloudops-execution-engine';
import { RequestError, type Finding } from '../errors.ts';
import { documentDigest } from '../protocol/digest.ts';
import type { Playbook } from '../protocol/playbook.ts';
import type { PlaybookRequest } from '../protocol/request.ts';
import type { PlaybookStep } from '../protocol/step.ts';

/** A step that the failed run completed, and that its repair must not do again. */
export interface CompletedStep {
  /** Of what it does: command, env, stdin and outputs. */
  digest: string;
  outputs: Readonly<Record<string, Json>>;
}

/** By the step's id. */
export type CompletedSteps = ReadonlyMap<string, CompletedStep>;

export const noneCompleted: CompletedSteps = new Map();

/** What two steps have in common when they do the same; titles and order may change. */
export function workDigest({ command, env, stdin, outputs }: PlaybookStep): string {
  return documentDigest({
    command,
    env: env ?? null,
    stdin: stdin ?? null,
    outputs: outputs ?? null,
  });
}

/**
 * Checks that a repair does not smuggle other work in under the id of a step that is not run again, and that it leaves something to do.
 *
 * @throws RequestError `PLAN_INVALID`; `REPAIR_REFUSED` where this builder does not know the run that is repaired
 */
export function checkCompleted(
  playbook: Playbook,
  { repair }: PlaybookRequest,
  completed: CompletedSteps,
): void {
  if (!repair) return;
  if (repair.completed.some((id) => !completed.has(id))) {
    throw new RequestError(
      'REPAIR_REFUSED',
      'this builder does not know the run that is repaired: ask again without it',
      { details: { reason: 'unknown_run' } },
    );
  }
  const faults: Finding[] = playbook.steps.flatMap((step, index) => {
    const before = completed.get(step.id);
    if (before === undefined || before.digest === workDigest(step)) return [];
    const message = `${step.id} is completed: leave it out, or repeat it unchanged`;
    return [{ pointer: `/steps/${index}`, message }];
  });
  if (playbook.steps.every(({ id }) => completed.has(id))) {
    faults.push({ pointer: '/steps', message: 'all of them are completed already' });
  }
  if (faults.length === 0) return;
  const list = faults.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  throw new RequestError('PLAN_INVALID', `the repair is refused: ${list}`, {
    details: { errors: faults.map(({ pointer, message }) => ({ pointer, message })) },
  });
}
