import { AwsCliCommand } from 'cloudops-execution-engine';
import { z } from 'zod';
import { callerIdentity, requireIdentity } from '../identity.ts';
import type { BuilderSettings } from '../options.ts';
import { bindCommand } from '../playbook/compile.ts';
import type { Preview, StepPreview } from '../preview/preview.ts';
import { abortedError } from '../server/abort.ts';
import { hasDryRun } from './dry-run-operations.ts';
import { maskText } from './outcome.ts';

/** What AWS says a step would do. */
export const DryRunStep = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** `denied`: the caller may not; `would_fail`: AWS or the CLI refuses the parameters; `not_tried`: nobody can be asked. */
  status: z.enum(['would_succeed', 'would_fail', 'denied', 'not_tried']),
  /** AWS's words, masked, or why it was not tried; null where it would succeed. */
  reason: z.string().nullable(),
});
export type DryRunStep = z.infer<typeof DryRunStep>;

/** What a playbook would do, as far as AWS can be asked. */
export const DryRunReport = z.strictObject({
  playbook_digest: z.string(),
  account_id: z.string(),
  steps: z.array(DryRunStep),
});
export type DryRunReport = z.infer<typeof DryRunReport>;

const TIMEOUT_MS = 60_000;

/**
 * Asks AWS about each step of a preview with `--dry-run`, where its operation has that. Changes nothing, needs no approval, and goes only to the account that the playbook is for.
 *
 * @throws RequestError `TARGET_MISMATCH`, `IDENTITY_UNKNOWN`, `ABORTED`
 */
export async function dryRun(
  settings: BuilderSettings,
  preview: Preview,
  signal: AbortSignal,
): Promise<DryRunReport> {
  if (signal.aborted) throw abortedError(signal);
  requireIdentity(await callerIdentity(settings.engine, signal), preview.request.target);
  const steps = await Promise.all(
    preview.steps.map(async (step) => await tryStep(settings, preview, step, signal)),
  );
  if (signal.aborted) throw abortedError(signal);
  return { playbook_digest: preview.playbook_digest, account_id: preview.account_id, steps };
}

async function tryStep(
  { engine, context }: BuilderSettings,
  preview: Preview,
  { id, title, unresolved, decision }: StepPreview,
  signal: AbortSignal,
): Promise<DryRunStep> {
  const step = preview.playbook.steps.find((one) => one.id === id);
  const notTried = (reason: string): DryRunStep => ({ id, title, status: 'not_tried', reason });
  if (step === undefined) return notTried('the playbook has no such step');
  if (decision.effect === 'deny') return notTried('the policy denies it');
  const command = bindCommand(step, preview.inputs);
  if (command.type !== 'aws_cli') return notTried('only calls of AWS have a dry run');
  const { service, operation } = command;
  if (!hasDryRun(service, operation)) return notTried(`${service} ${operation} has no dry run`);
  const call = AwsCliCommand.safeParse({
    ...command,
    args: [...(command.args ?? []), '--dry-run'],
  });
  if (!call.success || unresolved.length > 0) {
    return notTried(`${unresolved.join(', ')}: known only when it runs`);
  }
  const { status, stderr } = await engine.run(
    {
      command: call.data,
      inherit_env: false,
      log: false,
      timeout_ms: TIMEOUT_MS,
    },
    { signal },
  );
  if (/\(DryRunOperation(?:Exception)?\)/.test(stderr)) {
    return { id, title, status: 'would_succeed', reason: null };
  }
  const words = maskText(stderr.trim(), preview, context.redactions).slice(0, 1000);
  if (status === 'completed') return notTried('AWS did not answer as it does to a dry run');
  const isDenied = /\((?:UnauthorizedOperation|AccessDenied\w*)\)/.test(stderr);
  return { id, title, status: isDenied ? 'denied' : 'would_fail', reason: words };
}
