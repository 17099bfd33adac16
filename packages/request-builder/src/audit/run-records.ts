import { redactText } from '../context/redact.ts';
import type { Identity } from '../identity.ts';
import type { Approval } from '../policy/approval.ts';
import type { Preview, StepPreview } from '../preview/preview.ts';
import type { RunOutcome, StepOutcome } from '../run/outcome.ts';
import type { AuditRecord } from './entry.ts';

/** A run that nothing stands in the way of. */
export interface Admission {
  preview: Preview;
  /** Null where none was needed. */
  approval: Approval | null;
  identity: Identity;
}

/** Written before the first step; without what a repair need not do again. */
export function startRecord({ preview, approval, identity }: Admission): AuditRecord {
  return {
    type: 'run_started',
    playbook_digest: preview.playbook_digest,
    inputs_digest: preview.inputs_digest,
    account_id: preview.account_id,
    principal_arn: identity.principal_arn,
    approval_id: approval?.approval_id ?? null,
    approved_by: approval?.approved_by ?? null,
    steps: preview.steps.filter(({ completed }) => !completed).map(shownStep),
  };
}

function shownStep({ id, argv, risk, decision }: StepPreview) {
  return {
    id,
    argv: argv.map((argument) => redactText(argument, {})),
    risk,
    effect: decision.effect,
  };
}

/** Written before the first rollback of a run, and when the last has ended. */
export function rollbackRecords(
  runId: string,
  { playbook_digest }: Preview,
  rollbacks: readonly StepPreview[],
): { started: AuditRecord; ended: (outcomes: readonly StepOutcome[]) => AuditRecord } {
  const about = { playbook_digest, run_id: runId };
  return {
    started: { type: 'rollback_started', ...about, steps: rollbacks.map(shownStep) },
    ended: (outcomes) => ({ type: 'rollback_ended', ...about, steps: outcomes.map(endedStep) }),
  };
}

function endedStep({ id, status, exit_code }: StepOutcome) {
  return { id, status, exit_code };
}

/** Written when nothing ran. */
export function refusalRecord(
  given: Preview,
  error: { code: string; message: string },
): AuditRecord {
  // Whoever calls may pass anything: the digest is only repeated, not relied on.
  const digest: unknown = given.playbook_digest;
  return {
    type: 'run_refused',
    playbook_digest: typeof digest === 'string' ? digest.slice(0, 100) : null,
    code: error.code,
    message: redactText(error.message, {}).slice(0, 2000),
  };
}

/** Written when a run has ended. */
export function endRecord(outcome: RunOutcome): AuditRecord {
  return {
    type: 'run_ended',
    playbook_digest: outcome.playbook_digest,
    run_id: outcome.run_id,
    status: outcome.status,
    steps: outcome.steps.map(endedStep),
  };
}
