import { RequestError } from '../errors.ts';
import type { Preview } from '../preview/preview.ts';
import type { Repair } from '../protocol/request.ts';
import type { RunOutcome, StepOutcome } from '../run/outcome.ts';
import type { Run } from '../run/run-preview.ts';
import { workDigest, type CompletedSteps } from './completed.ts';

/** What is known of a run that failed. */
export interface FailedRun extends Run {
  /** What it did not have to do, since an earlier run had. */
  completed: CompletedSteps;
}

const MAX_ATTEMPTS = 2;

/**
 * What the server is told about a run that failed.
 *
 * @throws RequestError `REPAIR_REFUSED` with `details.reason`: `not_failed`, `attempts` (two have been made), `same_failure` (the attempt before failed at the same step with the same words)
 */
export function repairOf(run: FailedRun): Repair {
  const { preview, outcome } = run;
  const failed = failedStep(preview, outcome);
  if (outcome.status !== 'failed' || failed === undefined) {
    throw refused('not_failed', `the run is ${outcome.status}, and no step of it failed`);
  }
  const before = preview.request.repair ?? null;
  const attempt = (before?.attempt ?? 0) + 1;
  if (attempt > MAX_ATTEMPTS) {
    throw refused('attempts', `it was repaired ${MAX_ATTEMPTS} times and fails still`);
  }
  const repair: Repair = {
    playbook_digest: preview.playbook_digest,
    failed_step: failed.id,
    exit_code: failed.exit_code,
    stderr: failed.stderr || failed.reason || failed.stdout,
    completed: [...completedSteps(run).keys()],
    attempt,
  };
  if (before !== null && isSameFailure(before, repair)) {
    throw refused('same_failure', `${failed.id} fails again as it did before`);
  }
  return repair;
}

/** Steps that need not be done again: completed, now or in an earlier run, and not undone since. */
export function completedSteps({ preview, outcome, result, completed }: FailedRun): CompletedSteps {
  // A rollback that failed half way leaves nobody knowing: only a skipped one has surely done nothing.
  const undone = new Set(
    outcome.rollbacks.filter(({ status }) => status !== 'skipped').map(({ id }) => id),
  );
  const done = new Set(
    outcome.steps.filter(({ status }) => status === 'completed').map(({ id }) => id),
  );
  const steps = new Map(completed);
  for (const step of preview.playbook.steps) {
    if (!done.has(step.id) || completed.has(step.id)) continue;
    if (step.rollback && undone.has(step.rollback)) continue;
    const outputs = result.steps.find(({ id }) => id === step.id)?.outputs ?? {};
    steps.set(step.id, { digest: workDigest(step), outputs });
  }
  return steps;
}

/** The step that made the run fail: the first that failed and was not allowed to. */
function failedStep({ playbook }: Preview, { steps }: RunOutcome): StepOutcome | undefined {
  const mayFail = new Set(playbook.steps.filter((step) => step.allow_failure).map(({ id }) => id));
  return steps.find(({ id, status }) => status === 'failed' && !mayFail.has(id));
}

/** Request ids, times and the like differ each time; what went wrong does not. */
function isSameFailure(a: Repair, b: Repair): boolean {
  const words = ({ stderr }: Repair) =>
    stderr.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+/gi, '#').trim();
  return a.failed_step === b.failed_step && a.exit_code === b.exit_code && words(a) === words(b);
}

function refused(reason: string, message: string): RequestError {
  return new RequestError('REPAIR_REFUSED', message, { details: { reason } });
}
