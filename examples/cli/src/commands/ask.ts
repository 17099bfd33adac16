import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { safe } from '../terminal/screen.ts';
import { RunProgress } from '../views/run-progress.ts';
import { runPreviewed } from './run-preview.ts';
import type { Command } from './command.ts';

/** Options of `ask`. */
export interface AskOptions {
  message: string;
  conversation: string;
  yes?: boolean;
  dryRun?: boolean;
  /** Where the playbook is written to. */
  save?: string;
}

/** Asks the server what to do, shows its playbook, and runs it when it is approved. */
export const ask: Command<AskOptions> = async (context, options) => {
  const { session, out, json, signal } = context;
  if (session.settings.server === null) {
    throw new CliError(
      'environment',
      'No server is configured.',
      'Set CLOUDOPS_SERVER_URL and CLOUDOPS_SERVER_TOKEN, or pass --server.',
    );
  }
  const { estate } = await session.storage();
  if ((await estate.count()) === 0) {
    throw new CliError('environment', 'The store is empty.', 'Fill it with "scan".');
  }
  const progress = new RunProgress(out);
  const builder = await session.builder(progress.onEvent);
  const request = await builder.build({
    message: options.message,
    conversation_id: options.conversation,
    signal,
  });
  const reply = await builder.send(request, { signal });
  if (reply.kind === 'clarification') {
    const { clarification } = reply;
    if (session.settings.json) json({ clarification });
    out.line(safe(clarification.text));
    for (const { text, choices } of clarification.questions ?? []) {
      out.line(`  ${safe(text)}${choices == null ? '' : ` (${choices.map(safe).join(', ')})`}`);
    }
    return EXIT.refused;
  }
  if (options.save !== undefined) {
    const document = JSON.stringify({ playbook: reply.playbook, request }, null, 2);
    await writeFile(resolve(options.save), `${document}\n`, { mode: 0o600 });
  }
  const preview = await builder.preview(reply.playbook, { request });
  const { exit, outcome } = await runPreviewed(context, builder, preview, progress, {
    yes: options.yes ?? false,
    dryRun: options.dryRun ?? false,
  });
  if (session.settings.json) json({ preview, outcome });
  return exit;
};
