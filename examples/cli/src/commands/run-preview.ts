import { userInfo } from 'node:os';
import type { Preview, RequestBuilder, RunOutcome } from 'cloudops-request-builder';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { confirm } from '../terminal/confirm.ts';
import { showOutcome } from '../views/outcome.ts';
import { showPreview } from '../views/preview.ts';
import type { RunProgress } from '../views/run-progress.ts';
import type { CommandContext } from './command.ts';

/** How a preview is dealt with. */
export interface RunPreviewOptions {
  /** Approves without asking. */
  yes: boolean;
  /** Runs nothing. */
  dryRun: boolean;
}

/** What came of a preview. */
export interface RunPreviewResult {
  exit: ExitCode;
  /** Null: nothing was run. */
  outcome: RunOutcome | null;
}

/**
 * Shows a preview, has it approved, runs it and shows how it ended. Nothing that needs an approval runs without `--yes` or
 * a "y" at a terminal.
 */
export async function runPreviewed(
  { out, notes, signal }: CommandContext,
  builder: RequestBuilder,
  preview: Preview,
  progress: RunProgress,
  options: RunPreviewOptions,
): Promise<RunPreviewResult> {
  showPreview(out, preview);
  if (options.dryRun) return { exit: EXIT.ok, outcome: null };
  if (preview.decision === 'deny') {
    notes.line('The policy forbids a step; nothing was run.');
    return { exit: EXIT.refused, outcome: null };
  }
  const needsApproval = preview.decision === 'require_approval';
  if (needsApproval && !options.yes && !(await confirm(notes, 'Run this?', signal))) {
    notes.line('Not approved; nothing was run. Answer "y" at a terminal, or pass --yes.');
    return { exit: EXIT.refused, outcome: null };
  }
  progress.expect(preview.steps.map(({ id }) => id));
  out.line();
  const outcome = await builder.run(preview, {
    signal,
    ...(needsApproval ? { approval: builder.approve(preview, { by: userInfo().username }) } : {}),
  });
  showOutcome(out, outcome);
  signal.throwIfAborted();
  return { exit: outcome.status === 'completed' ? EXIT.ok : EXIT.failed, outcome };
}
