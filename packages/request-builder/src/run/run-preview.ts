import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endRecord, refusalRecord } from '../audit/run-records.ts';
import { RequestError } from '../errors.ts';
import type { BuilderSettings } from '../options.ts';
import { compilePlan } from '../playbook/compile.ts';
import type { Preview } from '../preview/preview.ts';
import { admit, type RunOptions } from './admit.ts';
import { executePlan } from './execute.ts';
import { LineMasker } from './line-masker.ts';
import { changedKeys, outcomeOf, sensitiveValues, type RunOutcome } from './outcome.ts';
import { messageOfOutcome } from './record.ts';

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
  const { preview } = await admit(settings, given, options, signal);
  const workingDir = settings.workingDir ?? (await mkdtemp(join(tmpdir(), 'cloudops-run-')));
  try {
    const outcome = await execute(settings, preview, workingDir, signal);
    // Stored first: neither a long scan nor whoever ends the process during it can lose what happened.
    await record(settings, preview, outcome);
    await refreshChanged(settings, preview, outcome, signal);
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
  signal: AbortSignal,
): Promise<void> {
  const keys = changedKeys(preview, outcome);
  if (keys.length === 0 || settings.scanner === null) return;
  settings.onEvent({ type: 'refresh_started', run_id: outcome.run_id, keys });
  try {
    const report = await settings.scanner.refresh(keys, { signal });
    outcome.refreshed.push(...keys);
    for (const { code, message } of report.errors) warn(settings, outcome, code, message);
  } catch (error) {
    const code = signal.aborted ? 'REFRESH_ABORTED' : 'REFRESH_FAILED';
    warn(settings, outcome, code, messageOf(error));
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
