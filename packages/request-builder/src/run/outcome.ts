import type { PlanResult, StepResult } from 'cloudops-execution-engine';
import { z } from 'zod';
import type { CustomRedaction } from '../context/custom-redaction.ts';
import { redactText } from '../context/redact.ts';
import { sanitize } from '../context/sanitize.ts';
import { resourceKeyOf } from '../protocol/resource-names.ts';
import type { Preview, StepPreview } from '../preview/preview.ts';

export const RunStatus = z.enum(['completed', 'failed', 'cancelled']);
export type RunStatus = z.infer<typeof RunStatus>;

/** How one step ended. Output is masked and shortened. */
export const StepOutcome = z.strictObject({
  id: z.string(),
  title: z.string(),
  status: z.enum(['completed', 'failed', 'cancelled', 'skipped']),
  /** Why it was skipped or failed, null where there is nothing to say. */
  reason: z.string().nullable(),
  exit_code: z.int().nullable(),
  duration_ms: z.int(),
  /** The end of it, at most 4,000 characters; `[sensitive output withheld]` where it is sensitive. */
  stdout: z.string(),
  stderr: z.string(),
});
export type StepOutcome = z.infer<typeof StepOutcome>;

/** How a playbook ended: what is stored, and may be shown and sent. */
export const RunOutcome = z.strictObject({
  run_id: z.string(),
  playbook_id: z.string(),
  playbook_digest: z.string(),
  account_id: z.string(),
  status: RunStatus,
  started_at: z.string(),
  completed_at: z.string(),
  duration_ms: z.int(),
  steps: z.array(StepOutcome),
  /** Approved rollbacks of a run that failed, in the order in which they ran: the step that ended last is undone first. */
  rollbacks: z.array(StepOutcome),
  /** Keys of resources that were scanned again. */
  refreshed: z.array(z.string()),
  /** What went wrong besides the steps: `AUDIT_FAILED` and `STORAGE_FAILED` (the outcome could not be stored), `ROLLBACK_FAILED` (rollbacks could not be started or noted), `REFRESH_ABORTED` and `REFRESH_FAILED` (the store may not know what was changed), codes of the scan. */
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string() })),
});
export type RunOutcome = z.infer<typeof RunOutcome>;

const SHOWN_CHARACTERS = 4000;
const WITHHELD = '[sensitive output withheld]';

/** Makes of the engine's result what may be kept: secrets masked, sensitive output withheld. */
export function outcomeOf(
  preview: Preview,
  result: PlanResult,
  redactions: readonly CustomRedaction[],
): RunOutcome {
  return {
    run_id: result.id,
    playbook_id: preview.playbook.playbook_id,
    playbook_digest: preview.playbook_digest,
    account_id: preview.account_id,
    status: result.status,
    started_at: result.started_at,
    completed_at: result.completed_at,
    duration_ms: result.duration_ms,
    steps: withCompleted(stepOutcomesOf(result, preview.steps, preview, redactions), preview),
    rollbacks: [],
    refreshed: [],
    warnings: [],
  };
}

/** In the playbook's order, also what a repair did not have to do again. */
function withCompleted(ended: readonly StepOutcome[], { steps }: Preview): StepOutcome[] {
  return steps.map(
    ({ id, title, completed }) =>
      ended.find((step) => step.id === id) ?? {
        id,
        title,
        status: completed ? 'completed' : 'skipped',
        reason: completed
          ? 'completed by the run that was repaired'
          : 'what it waits for has not failed',
        exit_code: null,
        duration_ms: 0,
        stdout: '',
        stderr: '',
      },
  );
}

/**
 * How the steps of a plan ended, each as far as it may be kept.
 *
 * @param shown what the steps were previewed as; one that was not shown counts as sensitive
 */
export function stepOutcomesOf(
  result: PlanResult,
  shown: readonly StepPreview[],
  preview: Preview,
  redactions: readonly CustomRedaction[],
): StepOutcome[] {
  return result.steps.map((step: StepResult): StepOutcome => {
    const known = shown.find(({ id }) => id === step.id);
    const { result: execution, error } = step;
    const output = (text: string | undefined) =>
      outputOf(text ?? '', known?.has_sensitive_output ?? true, preview, redactions);
    return {
      id: step.id,
      title: known?.title ?? step.id,
      status: step.status,
      reason: maskedOrNull(step.reason ?? error?.message, preview, redactions),
      exit_code: execution?.exit_code ?? null,
      duration_ms: execution?.duration_ms ?? 0,
      stdout: output(execution?.stdout),
      stderr: output(execution?.stderr),
    };
  });
}

function outputOf(
  text: string,
  isSensitive: boolean,
  preview: Preview,
  redactions: readonly CustomRedaction[],
): string {
  if (text === '') return '';
  if (isSensitive) return WITHHELD;
  // Masked before it is cut: the half of a secret no longer looks like one.
  const masked = maskText(text, preview, redactions);
  return masked.length <= SHOWN_CHARACTERS ? masked : `…${masked.slice(-SHOWN_CHARACTERS)}`;
}

function maskedOrNull(
  text: string | undefined,
  preview: Preview,
  redactions: readonly CustomRedaction[],
): string | null {
  return text === undefined ? null : maskText(text, preview, redactions).slice(0, 1000);
}

/** The values of sensitive parameters; shorter ones would shred the output and are left out. */
export function sensitiveValues({
  playbook,
  inputs,
}: Pick<Preview, 'playbook' | 'inputs'>): string[] {
  return Object.entries(playbook.parameters ?? {})
    .filter(([, { sensitive }]) => sensitive === true)
    .map(([name]) => String(inputs[name] ?? ''))
    .filter(({ length }) => length >= 4);
}

/** Masks what looks like a secret, and the values of sensitive parameters wherever they stand. */
export function maskText(
  text: string,
  preview: Pick<Preview, 'playbook' | 'inputs'>,
  redactions: readonly CustomRedaction[],
): string {
  let masked = sanitize(text).text;
  for (const value of sensitiveValues(preview)) masked = masked.replaceAll(value, '[sensitive]');
  return redactText(masked, {}, redactions);
}

/** Resources that the run may have changed: of every step and rollback that ran and was more than a read. */
export function changedKeys(preview: Preview, outcome: RunOutcome): string[] {
  const rollbacks = Object.values(preview.rollbacks);
  const changes = [
    ...ranOf(preview.steps, outcome.steps),
    ...ranOf(rollbacks, outcome.rollbacks),
  ].filter(({ risk }) => risk !== 'read_only' && risk !== 'sensitive_read');
  const refs = new Set(changes.flatMap(({ resources }) => resources.map(({ ref }) => ref)));
  const keys = preview.request.resources
    .filter(({ ref }) => refs.has(ref))
    .map((resource) => resourceKeyOf(resource, preview.account_id));
  return [...new Set(keys.filter((key) => key !== null))];
}

function ranOf(shown: readonly StepPreview[], ended: readonly StepOutcome[]): StepPreview[] {
  const ran = new Set(ended.filter(({ status }) => status !== 'skipped').map(({ id }) => id));
  return shown.filter(({ id }) => ran.has(id));
}
