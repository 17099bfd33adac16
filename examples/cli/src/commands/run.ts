import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { USERS_COMMAND } from '../history.ts';
import { showExecutionEvent } from '../views/execution-lines.ts';
import { runPlaybookFile } from './run-playbook.ts';
import type { Command, CommandContext } from './command.ts';

/** Options of `run`: either a command or a playbook. */
export interface RunOptions {
  argv: string[];
  playbook?: string;
  yes?: boolean;
  /** Seconds. */
  timeout?: number;
}

/** Runs a command, or a playbook from a file, and streams what it says. */
export const run: Command<RunOptions> = async (context, options) => {
  const [program, ...args] = options.argv;
  if ((program === undefined) === (options.playbook === undefined)) {
    throw new CliError(
      'usage',
      'Give either a command or a playbook.',
      'Like "run -- aws s3 ls" or "run --playbook stop.json".',
    );
  }
  return program === undefined
    ? runPlaybookFile(context, options.playbook ?? '', options.yes ?? false)
    : runCommand(context, program, args, options.timeout);
};

async function runCommand(
  { session, out, notes, json, signal }: CommandContext,
  program: string,
  args: string[],
  timeoutSeconds: number | undefined,
) {
  const id = await session.engine.execute(
    {
      command: { type: 'exec', program, args },
      metadata: USERS_COMMAND,
      ...(timeoutSeconds === undefined ? {} : { timeout_ms: timeoutSeconds * 1000 }),
    },
    { signal },
  );
  for await (const event of session.engine.events(id)) showExecutionEvent(out, event);
  const result = await session.engine.getResult(id);
  if (session.settings.json) json(result);
  signal.throwIfAborted();
  if (result.status === 'completed') return EXIT.ok;
  notes.line(
    `${notes.color.red('failed')} ${result.error?.message ?? result.status} after ${result.duration}; log ${id}`,
  );
  return EXIT.failed;
}
