import { Command as Program, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { perform, type Load } from './perform.ts';
import type { GlobalFlags } from './settings.ts';

/**
 * Runs the program with its arguments.
 *
 * @returns the exit code; nothing is left running then
 */
export async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const state: { exit: ExitCode } = { exit: EXIT.ok };
  const program = buildProgram(async (flags, load, options) => {
    state.exit = await perform(flags, env, load, options);
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return state.exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version count as errors for commander; it has written what there is to say.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

type Perform = <Options>(
  flags: GlobalFlags,
  load: Load<Options>,
  options: Options,
) => Promise<void>;

function buildProgram(perform: Perform): Program {
  const program = new Program('cloudops')
    .description('Know an AWS estate, ask a server what to do about it, run the answer safely.')
    .option('--home <folder>', 'where state is kept (CLOUDOPS_HOME, default ~/.cloudops)')
    .option('--store <file>', 'the store, default estate.db in the home')
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--regions <list>', 'regions, separated by commas; patterns like eu-* for scan', list)
    .option('--server <url>', 'the playbook server (CLOUDOPS_SERVER_URL)')
    .option('--token-file <file>', 'file with its token (or set CLOUDOPS_SERVER_TOKEN)')
    .option('--json', 'print one JSON document instead')
    .exitOverride()
    .showHelpAfterError('(--help lists commands and options)');

  program
    .command('scan')
    .description('read the estate into the store')
    .option('--services <list>', 'services, separated by commas: ec2,rds,s3,lambda,vpc', list)
    .option('--no-embed', 'make no vectors: search by words only')
    .action(async (_flags, command: Program) => {
      const flags = command.optsWithGlobals<
        GlobalFlags & { services?: string[]; embed: boolean }
      >();
      await perform(flags, async () => (await import('./commands/scan.ts')).scan, flags);
    });

  program
    .command('search')
    .description('find resources by meaning and by words')
    .argument('<text...>', 'what to look for')
    .option('--type <type>', 'only this type, like ec2:instance')
    .option('--limit <n>', 'how many, 1 to 1000', count(1000), 10)
    .addOption(
      new Option('--mode <mode>').choices(['hybrid', 'semantic', 'keyword']).default('hybrid'),
    )
    .action(async (words: string[], _flags, command: Program) => {
      const flags = command.optsWithGlobals<
        GlobalFlags & { type?: string; limit: number; mode: 'hybrid' | 'semantic' | 'keyword' }
      >();
      const options = { ...flags, text: words.join(' ') };
      await perform(flags, async () => (await import('./commands/search.ts')).search, options);
    });

  program
    .command('ask')
    .description('ask the server for a playbook, show it, and run it when approved')
    .argument('<message...>', 'what should be done')
    .option('--conversation <id>', 'the conversation it belongs to', 'default')
    .option('--yes', 'approve without asking')
    .option('--dry-run', 'show the playbook and run nothing')
    .option('--save <file>', 'write the playbook to a file, for "run --playbook"')
    .action(async (words: string[], _flags, command: Program) => {
      const flags = command.optsWithGlobals<
        GlobalFlags & { conversation: string; yes?: boolean; dryRun?: boolean; save?: string }
      >();
      const options = { ...flags, message: words.join(' ') };
      await perform(flags, async () => (await import('./commands/ask.ts')).ask, options);
    });

  program
    .command('run')
    .description('run a command ("run -- aws s3 ls"), or a playbook that was saved')
    .argument('[command...]', 'program and arguments, after --')
    .option('--playbook <file>', 'a playbook from "ask --save"')
    .option('--yes', 'approve the playbook without asking')
    .option('--timeout <seconds>', 'end the command after so long', count(86_400))
    .action(async (argv: string[], _flags, command: Program) => {
      const flags = command.optsWithGlobals<
        GlobalFlags & { playbook?: string; yes?: boolean; timeout?: number }
      >();
      await perform(flags, async () => (await import('./commands/run.ts')).run, { ...flags, argv });
    });

  program
    .command('logs')
    .description('list what was run, or print the log of one execution')
    .argument('[id]', 'the id of an execution, or its first characters')
    .option('--limit <n>', 'how many to list', count(10_000), 20)
    .action(async (id: string | undefined, _flags, command: Program) => {
      const flags = command.optsWithGlobals<GlobalFlags & { limit: number }>();
      const options = { limit: flags.limit, ...(id === undefined ? {} : { id }) };
      await perform(flags, async () => (await import('./commands/logs.ts')).logs, options);
    });

  program
    .command('doctor')
    .description('look at everything this program needs')
    .action(async (_flags, command: Program) => {
      const flags = command.optsWithGlobals<GlobalFlags>();
      await perform(flags, async () => (await import('./commands/doctor.ts')).doctor, null);
    });
  return program;
}

function list(value: string): string[] {
  const items = value.split(',').map((item) => item.trim());
  if (items.some((item) => item === '')) throw new InvalidArgumentError('An item is empty.');
  return items;
}

function count(most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (Number.isInteger(number) && number >= 1 && number <= most) return number;
    throw new InvalidArgumentError(`Give a whole number from 1 to ${most}.`);
  };
}
