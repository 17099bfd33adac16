import { ExecutionError } from '../errors.ts';
import type { TrackedPlan } from '../registry.ts';
import type { ResumablePlan } from './resume.ts';

/**
 * What can be gone on with of a plan that did not complete: that failed, was cancelled, or whose host died.
 *
 * @throws ExecutionError `NOT_RESUMABLE` where it runs here, or has completed
 */
export async function resumablePlan(tracked: TrackedPlan): Promise<ResumablePlan> {
  const { id, plan } = tracked;
  if (tracked.status === 'completed' || plan === null) {
    throw notResumable(id, 'it has completed');
  }
  if (tracked.status === 'running') {
    if ('resumable' in tracked) return { ...(await tracked.resumable()), plan };
    throw notResumable(id, 'it still runs');
  }
  const { steps } = await tracked.ended;
  // The others never ran: whether they do now is for the new plan to decide.
  const results = steps.filter((step) => step.execution_id !== undefined || step.earlier === true);
  return { id, plan, results, running: new Map() };
}

function notResumable(id: string, why: string): ExecutionError {
  return new ExecutionError('NOT_RESUMABLE', `plan ${id} cannot be resumed: ${why}`, {
    details: { id },
  });
}
