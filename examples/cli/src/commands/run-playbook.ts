import { readFile } from 'node:fs/promises';
import { Playbook, PlaybookRequest } from 'cloudops-request-builder/protocol';
import { CliError } from '../cli-error.ts';
import type { ExitCode } from '../exit-codes.ts';
import { RunProgress } from '../views/run-progress.ts';
import { runPreviewed } from './run-preview.ts';
import type { CommandContext } from './command.ts';

/** Runs a playbook that `ask --save` wrote: everything is checked and shown again first. */
export async function runPlaybookFile(
  context: CommandContext,
  file: string,
  yes: boolean,
): Promise<ExitCode> {
  const { session, out, json } = context;
  const { playbook, request } = await readPlaybook(file);
  const progress = new RunProgress(out);
  const builder = await session.builder(progress.onEvent);
  const preview = await builder.preview(playbook, { request });
  const { exit, outcome } = await runPreviewed(context, builder, preview, progress, {
    yes,
    dryRun: false,
  });
  if (session.settings.json) json({ preview, outcome });
  return exit;
}

async function readPlaybook(
  file: string,
): Promise<{ playbook: Playbook; request: PlaybookRequest }> {
  const advice = 'Save one with "ask --save FILE --dry-run".';
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CliError('usage', `${file} cannot be read as JSON.`, advice, { cause: error });
  }
  const pair: { playbook?: unknown; request?: unknown } =
    typeof document === 'object' && document !== null ? document : {};
  const playbook = Playbook.safeParse(pair.playbook);
  const request = PlaybookRequest.safeParse(pair.request);
  if (playbook.success && request.success)
    return { playbook: playbook.data, request: request.data };
  throw new CliError('usage', `${file} holds no playbook with its request.`, advice);
}
