import type { Plan, PlanResult } from 'cloudops-execution-engine';
import { rollbackRecords } from '../audit/run-records.ts';
import type { BuilderSettings } from '../options.ts';
import { compileWork } from '../playbook/compile.ts';
import type { Approval } from '../policy/approval.ts';
import type { Preview, StepPreview } from '../preview/preview.ts';
import { executePlan } from './execute.ts';
import type { LineMasker } from './line-masker.ts';
import { stepOutcomesOf, type RunOutcome, type StepOutcome } from './outcome.ts';

/** What the parts of one run share. */
export interface RunWork {
  settings: BuilderSettings;
  preview: Preview;
  workingDir: string;
  masker: LineMasker;
  signal: AbortSignal;
}

/**
 * Undoes the steps of a failed run that had completed, the last one first, by those of their rollbacks that were approved. One that fails does not keep the others from running, one that the
 * policy denies is skipped. A step that failed itself is not undone: nobody knows how far it came.
 *
 * @param outcome gets how they ended, also where this throws
 */
export async function rollBack(
  work: RunWork,
  approval: Approval,
  run: PlanResult,
  outcome: RunOutcome,
): Promise<void> {
  const { settings, preview, signal } = work;
  const shown = toUndo(preview, approval, run);
  const allowed = shown.filter(({ decision }) => decision.effect !== 'deny');
  outcome.rollbacks.push(...shown.filter((step) => !allowed.includes(step)).map(skippedOf));
  if (allowed.length === 0 || signal.aborted) return;
  const { audit, context, onEvent } = settings;
  const records = rollbackRecords(run.id, preview, allowed);
  await audit?.append(records.started);
  onEvent({ type: 'rollback_started', run_id: run.id, rollbacks: allowed.map(({ id }) => id) });
  const result = await executePlan(settings.engine, planOf(work, allowed), {
    shown: allowed,
    signal,
    masker: work.masker,
    onEvent,
    onStart: () => run.id,
  });
  onEvent({ type: 'rollback_ended', run_id: run.id, status: result.status });
  const outcomes = stepOutcomesOf(result, allowed, preview, context.redactions);
  outcome.rollbacks.push(...outcomes);
  await audit?.append(records.ended(outcomes));
}

function planOf(
  { settings, preview, workingDir }: RunWork,
  rollbacks: readonly StepPreview[],
): Plan {
  const { playbook, inputs } = preview;
  const { env, stepTimeoutMs } = settings;
  const environment = { env, workingDir, defaultTimeoutMs: stepTimeoutMs };
  return {
    name: `${playbook.playbook_id} rollback`,
    parameters: inputs,
    strategy: { type: 'serial', stop_on_error: false },
    steps: rollbacks.flatMap(({ id }) => {
      const rollback = playbook.rollbacks?.[id];
      return rollback ? [{ id, ...compileWork({ id, ...rollback }, playbook, environment) }] : [];
    }),
  };
}

function skippedOf({ id, title, decision }: StepPreview): StepOutcome {
  return {
    id,
    title,
    status: 'skipped',
    reason: `the policy denies it: ${decision.reasons.join(', ')}`,
    exit_code: null,
    duration_ms: 0,
    stdout: '',
    stderr: '',
  };
}

/** The approved rollbacks of completed steps, in the order in which they have to run. */
function toUndo(preview: Preview, approval: Approval, run: PlanResult): StepPreview[] {
  const names = run.steps
    .filter(({ status }) => status === 'completed')
    .toReversed()
    .toSorted((a, b) => endOf(b).localeCompare(endOf(a)))
    .map(({ id }) => preview.steps.find((step) => step.id === id)?.rollback ?? '');
  return [...new Set(names)]
    .filter((name) => approval.rollbacks.includes(name))
    .flatMap((name) => preview.rollbacks[name] ?? []);
}

function endOf({ result }: PlanResult['steps'][number]): string {
  return result?.completed_at ?? '';
}
