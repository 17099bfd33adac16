import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endRecord, refusalRecord, startRecord, type Admission } from '../audit/run-records.ts';
import { RequestError } from '../errors.ts';
import { callerIdentity, requireIdentity } from '../identity.ts';
import type { BuilderSettings } from '../options.ts';
import { compilePlan } from '../playbook/compile.ts';
import { checkApproval, invalid, type Approval } from '../policy/approval.ts';
import { makePreview } from '../preview/make-preview.ts';
import type { Preview } from '../preview/preview.ts';
import { abortedError } from '../server/abort.ts';
import { executePlan } from './execute.ts';
import { LineMasker } from './line-masker.ts';
import { changedKeys, outcomeOf, sensitiveValues, type RunOutcome } from './outcome.ts';
import { messageOfOutcome } from './record.ts';

/** Asks somebody for consent: the approval, or null where it is refused. */
export type Approver = (preview: Preview) => Approval | null | Promise<Approval | null>;

export interface RunOptions {
  approval?: Approval | null;
  /** Asked where an approval is needed and none is given. */
  approve?: Approver | null;
  signal?: AbortSignal;
}

/**
 * Runs what a preview shows, if policy and approval allow it.
 *
 * The preview is worked out again first: what counts is the playbook, the request and the inputs in it. Start and end, or why it was refused, go to the audit log.
 */
export async function runPreview(
  settings: BuilderSettings,
  given: Preview,
  options: RunOptions,
): Promise<RunOutcome> {
  const signal = options.signal ?? new AbortController().signal;
  const { preview } = await admitted(settings, given, options, signal);
  const workingDir = settings.workingDir ?? (await mkdtemp(join(tmpdir(), 'cloudops-run-')));
  try {
    const outcome = await execute(settings, preview, workingDir, signal);
    await refreshChanged(settings, preview, outcome);
    await record(settings, preview, outcome);
    return outcome;
  } catch (error) {
    // Begun in the audit log, so ended there, whatever happened.
    const code = RequestError.is(error) ? error.code : 'UNEXPECTED';
    await settings.audit?.append(refusalRecord(preview, { code, message: messageOf(error) }));
    throw error;
  } finally {
    if (settings.workingDir === null) await rm(workingDir, { recursive: true, force: true });
  }
}

/** A run that may begin. Its start is in the audit log. */
async function admitted(
  settings: BuilderSettings,
  given: Preview,
  options: RunOptions,
  signal: AbortSignal,
): Promise<Admission> {
  try {
    const admission = await admit(settings, given, options, signal);
    await settings.audit?.append(startRecord(admission));
    return admission;
  } catch (error) {
    if (RequestError.is(error) && error.code !== 'AUDIT_FAILED') {
      await settings.audit?.append(refusalRecord(given, error));
    }
    throw error;
  }
}

async function admit(
  settings: BuilderSettings,
  given: Preview,
  options: RunOptions,
  signal: AbortSignal,
): Promise<Admission> {
  if (signal.aborted) throw abortedError(signal);
  const { playbook, request, inputs } = given;
  const preview = await makePreview(playbook, request, inputs, settings.judgement, new Date());
  refuseDenied(preview);
  const approval = await requireApproval(settings, preview, options);
  const identity = await callerIdentity(settings.engine, signal);
  requireIdentity(identity, preview.request.target);
  // Used up last, when nothing but the run itself is left to fail.
  const { journal } = settings;
  if (approval && !(await journal.useApproval(approval.approval_id, preview.playbook_digest))) {
    throw invalid('replayed', 'it was used before');
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
): Promise<Approval | null> {
  const needed = preview.steps.filter(({ decision }) => decision.effect === 'require_approval');
  const input = given ?? (needed.length > 0 && approve ? await approve(preview) : null);
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

async function execute(
  settings: BuilderSettings,
  preview: Preview,
  workingDir: string,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { redactions } = settings.context;
  for (const value of sensitiveValues(preview)) settings.engine.registerSecret(value);
  const plan = compilePlan(preview.playbook, preview.inputs, {
    env: settings.env,
    workingDir,
    defaultTimeoutMs: settings.stepTimeoutMs,
  });
  const sensitive = new Set(
    preview.steps.filter((step) => step.has_sensitive_output).map(({ id }) => id),
  );
  const steps = plan.steps.map((step) => Object.assign(step, { log: !sensitive.has(step.id) }));
  const result = await executePlan(settings.engine, { ...plan, steps }, preview, {
    signal,
    masker: new LineMasker(preview, redactions),
    onEvent: settings.onEvent,
  });
  return outcomeOf(preview, result, redactions);
}

/** What it changed is looked at again, so that the next answer is about what is there now. */
async function refreshChanged(
  settings: BuilderSettings,
  preview: Preview,
  outcome: RunOutcome,
): Promise<void> {
  const keys = changedKeys(preview, outcome);
  if (keys.length === 0 || settings.scanner === null) return;
  settings.onEvent({ type: 'refresh_started', run_id: outcome.run_id, keys });
  try {
    const report = await settings.scanner.refresh(keys);
    outcome.refreshed.push(...keys);
    for (const { code, message } of report.errors) warn(settings, outcome, code, message);
  } catch (error) {
    warn(settings, outcome, 'REFRESH_FAILED', messageOf(error));
  }
}

/** The run has happened: a store that fails now must not make it look as if it had not. */
async function record(
  settings: BuilderSettings,
  preview: Preview,
  outcome: RunOutcome,
): Promise<void> {
  try {
    await settings.audit?.append(endRecord(outcome));
  } catch (error) {
    warn(settings, outcome, 'AUDIT_FAILED', messageOf(error));
  }
  try {
    await settings.storage.chat.appendMany([messageOfOutcome(preview.request, outcome)]);
  } catch (error) {
    warn(settings, outcome, 'STORAGE_FAILED', messageOf(error));
  }
}

function warn(settings: BuilderSettings, outcome: RunOutcome, code: string, message: string): void {
  outcome.warnings.push({ code, message });
  settings.onEvent({ type: 'warning', code, message });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
