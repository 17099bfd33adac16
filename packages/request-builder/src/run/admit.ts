import { refusalRecord, startRecord, type Admission } from '../audit/run-records.ts';
import { RequestError } from '../errors.ts';
import { callerIdentity, requireIdentity } from '../identity.ts';
import type { BuilderSettings } from '../options.ts';
import { checkApproval, invalid, type Approval } from '../policy/approval.ts';
import { approvePreview } from '../policy/approve.ts';
import type { ApprovalQuestion, Approver } from '../policy/approvers.ts';
import { makePreview } from '../preview/make-preview.ts';
import type { Preview, StepPreview } from '../preview/preview.ts';
import type { CompletedSteps } from '../repair/completed.ts';
import { abortedError, orAborted } from '../server/abort.ts';

export interface RunOptions {
  approval?: Approval | null;
  /** Asked where an approval is needed and none is given. */
  approve?: Approver | null;
  signal?: AbortSignal;
}

/**
 * Lets a run begin, or says why not: the preview worked out again, policy, approval, the caller's identity, one use of the approval. Either way it is in the audit log
 * when this settles.
 *
 * @throws RequestError `POLICY_DENIED`, `APPROVAL_REQUIRED`, `APPROVAL_INVALID`, `TARGET_MISMATCH`, `IDENTITY_UNKNOWN`, `JOURNAL_FAILED`, `AUDIT_FAILED`, `ABORTED`, as `makePreview`
 */
export async function admit(
  settings: BuilderSettings,
  given: Preview,
  options: RunOptions,
  signal: AbortSignal,
  completed: CompletedSteps,
): Promise<Admission> {
  try {
    const admission = await check(settings, given, options, signal, completed);
    await settings.audit?.append(startRecord(admission));
    return admission;
  } catch (error) {
    if (RequestError.is(error) && error.code !== 'AUDIT_FAILED') {
      await settings.audit?.append(refusalRecord(given, error));
    }
    throw error;
  }
}

async function check(
  settings: BuilderSettings,
  given: Preview,
  options: RunOptions,
  signal: AbortSignal,
  completed: CompletedSteps,
): Promise<Admission> {
  if (signal.aborted) throw abortedError(signal);
  const { playbook, request, inputs } = given;
  const { judgement } = settings;
  const now = new Date();
  const preview = await makePreview(playbook, request, inputs, judgement, now, completed);
  refuseDenied(preview);
  const approval = await requireApproval(settings, preview, options, signal);
  const identity = await callerIdentity(settings.engine, signal);
  requireIdentity(identity, preview.request.target);
  // Used up last, when nothing but the run itself is left to fail.
  const { journal } = settings;
  if (approval) {
    const { approval_id: id, expires_at: expiresAt } = approval;
    const isFirst = await journal.useApproval(id, preview.playbook_digest, expiresAt);
    if (!isFirst) throw invalid('replayed', 'it was used before');
  }
  return { preview, approval, identity };
}

function refuseDenied({ steps }: Preview): void {
  const denied = steps.filter(({ decision }) => decision.effect === 'deny');
  if (denied.length === 0) return;
  const reasons = denied.map(({ id, decision }) => `${id}: ${decision.reasons.join(', ')}`);
  throw new RequestError('POLICY_DENIED', `nothing was run: ${reasons.join('; ')}`, {
    details: {
      steps: denied.map(({ id, risk, decision }) => ({ id, risk, reasons: decision.reasons })),
    },
  });
}

async function requireApproval(
  settings: BuilderSettings,
  preview: Preview,
  { approval: given, approve }: RunOptions,
  signal: AbortSignal,
): Promise<Approval | null> {
  const needed = preview.steps.filter(({ decision }) => decision.effect === 'require_approval');
  const isAsked = !given && needed.length > 0 && approve;
  const input = isAsked ? await ask(settings, approve, preview, needed, signal) : given;
  if (input === null || input === undefined) {
    if (needed.length === 0) return null;
    const ids = needed.map(({ id }) => id);
    throw new RequestError(
      'APPROVAL_REQUIRED',
      `nothing was run: ${ids.join(', ')} need approval`,
      {
        details: { steps: ids },
      },
    );
  }
  const approval = checkApproval(settings.approvalKey, input, preview, new Date());
  const missing = needed.map(({ id }) => id).filter((id) => !approval.steps.includes(id));
  if (missing.length > 0) throw invalid('other_steps', `it does not cover ${missing.join(', ')}`);
  return approval;
}

/** A question to a person may stay open for long, and has to end when the caller gives up. */
async function ask(
  settings: BuilderSettings,
  approve: Approver,
  preview: Preview,
  steps: readonly StepPreview[],
  signal: AbortSignal,
): Promise<Approval | null> {
  const question: ApprovalQuestion = {
    steps,
    approve: (grant) => approvePreview(settings.approvalKey, preview, grant, new Date()),
    signal,
  };
  try {
    return await orAborted(Promise.resolve(approve(preview, question)), signal);
  } catch (error) {
    if (signal.aborted) throw abortedError(signal);
    throw error;
  }
}
