import type { Command } from './commands/command.ts';
import type { ExitCode } from './exit-codes.ts';
import { listenForInterrupt } from './interrupt.ts';
import { resolveSettings, type GlobalFlags } from './settings.ts';
import { createScreen, silentScreen } from './terminal/screen.ts';

/** A command in a module of its own: `--help` loads none of them. */
export type Load<Options> = () => Promise<Command<Options>>;

/** Runs one command with everything around it: settings, session, Ctrl-C, failures. */
export async function perform<Options>(
  flags: GlobalFlags,
  env: NodeJS.ProcessEnv,
  load: Load<Options>,
  options: Options,
): Promise<ExitCode> {
  const notes = createScreen(process.stderr, env);
  const interrupt = listenForInterrupt(() => notes.line('Stopping …'));
  const json = (document: unknown) =>
    void process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  try {
    const settings = await resolveSettings(flags, env);
    const { Session } = await import('./session.ts');
    const session = await Session.open(settings);
    try {
      const command = await load();
      return await command(
        {
          session,
          out: settings.json ? silentScreen() : createScreen(process.stdout, env),
          notes,
          json,
          signal: interrupt.signal,
        },
        options,
      );
    } finally {
      await session.close();
    }
  } catch (error) {
    const { failureOf } = await import('./failure.ts');
    const { exit, ...failure } = failureOf(error, interrupt.signal.aborted);
    if (flags.json === true) json({ error: failure });
    notes.line(`${notes.color.red('error')} ${failure.message}`);
    notes.line(failure.advice);
    return exit;
  } finally {
    interrupt.release();
  }
}
