import type { PlanResult } from 'cloudops-execution-engine';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endRecord, refusalRecord } from '../audit/run-records.ts';
import { RequestError } from '../errors.ts';
import { carryOver } from '../repair/carry-over.ts';
import type { CompletedSteps } from '../repair/completed.ts';
import type { BuilderSettings } from '../options.ts';
import { compilePlan } from '../playbook/compile.ts';
import type { Preview } from '../preview/preview.ts';
import { admit, type RunOptions } from './admit.ts';
import { executePlan } from './execute.ts';
import { LineMasker } from './line-masker.ts';
import { changedKeys, outcomeOf, sensitiveValues, type RunOutcome } from './outcome.ts';
import { messageOfOutcome } from './record.ts';
import { rollBack, type RunWork } from './roll-back.ts';

/** A run that has ended: what may be kept of it, and all that the engine knows. */
export interface Run {
  /** As it was worked out again. */
  preview: Preview;
  outcome: RunOutcome;
  result: PlanResult;
}

/**
 * Runs what a preview shows, if policy and approval allow it; of a repair, what the run before it did not complete.
 *
 * The preview is worked out again first: what counts is the playbook, the request and the inputs in it. Start and end, or why it was refused, go to the audit log.
 */
export async function runPreview(
  settings: BuilderSettings,
  given: Preview,
  options: RunOptions,
  completed: CompletedSteps,
): Promise<Run> {
  const signal = options.signal ?? new AbortController().signal;
  const { preview, approval } = await admit(settings, given, options, signal, completed);
  const workingDir = settings.workingDir ?? (await mkdtemp(join(tmpdir(), 'cloudops-run-')));
  const work = { settings, preview, workingDir, masker: maskerOf(settings, preview), signal };
  try {
    const { result, outcome } = await execute(work, completed);
    if (outcome.status === 'failed' && approval !== null) {
      await rollBack(work, approval, result, outcome).catch((error: unknown) => {
        warn(settings, outcome, 'ROLLBACK_FAILED', messageOf(error));
      });
    }
    // Stored first: neither a long scan nor whoever ends the process during it can lose what happened.
    await storeOutcome(settings, preview, outcome);
    await refreshChanged(settings, preview, outcome, signal);
    return { preview, outcome, result };
  } catch (error) {
    // Begun in the audit log, so ended there, whatever happened.
    const code = RequestError.is(error) ? error.code : 'UNEXPECTED';
    await settings.audit?.append(refusalRecord(preview, { code, message: messageOf(error) }));
    throw error;
  } finally {
    if (settings.workingDir === null) await rm(workingDir, { recursive: true, force: true });
  }
}

function maskerOf(settings: BuilderSettings, preview: Preview): LineMasker {
  for (const value of sensitiveValues(preview)) settings.engine.registerSecret(value);
  return new LineMasker(preview, settings.context.redactions);
}

async function execute(
  { settings, preview, workingDir, masker, signal }: RunWork,
  completed: CompletedSteps,
): Promise<Omit<Run, 'preview'>> {
  const { engine, env, stepTimeoutMs, onEvent, audit, context } = settings;
  const environment = { env, workingDir, defaultTimeoutMs: stepTimeoutMs };
  const { playbook_id } = preview.playbook;
  const result = await executePlan(
    engine,
    carryOver(compilePlan(preview.playbook, preview.inputs, environment), completed),
    {
      shown: preview.steps,
      signal,
      masker,
      onEvent,
      onStart: (run_id) => {
        onEvent({ type: 'run_started', run_id, playbook_id });
        return run_id;
      },
    },
  );
  onEvent({ type: 'run_ended', run_id: result.id, status: result.status });
  const outcome = outcomeOf(preview, result, context.redactions);
  try {
    await audit?.append(endRecord(outcome));
  } catch (error) {
    warn(settings, outcome, 'AUDIT_FAILED', messageOf(error));
  }
  return { outcome, result };
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
async function storeOutcome(
  settings: BuilderSettings,
  preview: Preview,
  outcome: RunOutcome,
): Promise<void> {
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
