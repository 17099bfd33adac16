import { CliError, RunProgress, type ResourceCounts, type Screen } from 'cloudops-example-cli';
import { askAndRun, CONVERSATION } from './act.ts';
import type { DemoArguments } from './arguments.ts';
import { openEstate, type DemoEstate } from './estate.ts';
import { openParts } from './parts.ts';
import { Phases } from './phases.ts';
import { problemsOf } from './problems.ts';
import type { DemoReport } from './report.ts';
import { scanEstate } from './scan.ts';
import { searchEstate } from './search.ts';
import { openWorkspace } from './workspace.ts';

/**
 * The whole way, once: discover, enrich, embed, store, search, ask, preview, approve, run, store the outcome, look again.
 * Nothing is left afterwards, neither processes nor files.
 *
 * @param open opens the account; what it gives is closed in the end. Default: as the arguments say
 * @throws whatever went wrong; also where the signal is aborted
 */
export async function runDemo(
  args: DemoArguments,
  screen: Screen,
  signal: AbortSignal,
  open: (args: DemoArguments) => Promise<DemoEstate> = openEstate,
): Promise<DemoReport> {
  const phases = new Phases();
  const cleanup = new AsyncDisposableStack();
  try {
    return await perform({ args, screen, signal, open, phases, cleanup });
  } finally {
    await cleanup.disposeAsync();
  }
}

interface Run {
  args: DemoArguments;
  screen: Screen;
  signal: AbortSignal;
  open: (args: DemoArguments) => Promise<DemoEstate>;
  phases: Phases;
  cleanup: AsyncDisposableStack;
}

async function perform({ args, screen, signal, open, phases, cleanup }: Run): Promise<DemoReport> {
  const heading = (text: string) => {
    screen.line();
    screen.line(screen.color.bold(screen.color.cyan(`── ${text}`)));
  };
  heading(args.real ? 'Your AWS account' : 'A fake AWS account');
  const workspace = await openWorkspace();
  cleanup.defer(() => workspace.remove());
  const estate = await phases.measure('start', () => open(args));
  cleanup.defer(() => estate.close());
  signal.throwIfAborted();
  screen.line(
    estate.seeded === null
      ? 'Nothing in it will be changed.'
      : `${args.resources} resources in ${args.regions?.join(', ') ?? 'all regions'}, at ${estate.awsCli.endpointUrl ?? ''}`,
  );
  const progress = new RunProgress(screen);
  const parts = await openParts(estate, workspace.folder, cleanup, progress.onEvent);
  const { scanner, storage } = parts;

  heading('Scan: AWS CLI, IAM, embeddings, store');
  const { scan, counts } = await phases.measure('scan', () =>
    scanEstate(screen, scanner, args.regions, signal),
  );
  if (scan.status === 'failed') {
    throw new CliError(
      'environment',
      `Nothing could be scanned: ${scan.errors[0]?.code ?? 'see above'}.`,
      args.real
        ? 'Set credentials ("aws configure", AWS_PROFILE or the AWS_… variables), or leave --real out.'
        : 'Run the demo again; if it fails again, see what the errors above say.',
    );
  }

  heading('Search');
  const searches = await phases.measure('search', () => searchEstate(screen, storage, signal));

  heading('Ask: “stop the idle staging web servers”');
  const playbook = await askAndRun({
    screen,
    progress,
    parts,
    estate,
    phases,
    signal,
    runs: !args.real,
  });
  const messages = await storage.chat.recent(CONVERSATION, { limit: 100 });
  const iamCalls = [scan, ...parts.refreshes].reduce((sum, report) => sum + report.iam_calls, 0);
  const report: DemoReport = {
    ok: true,
    mode: args.real ? 'real' : 'fake',
    problems: [],
    account_id: scan.user_context?.account_id ?? null,
    resources: { ...totalsOf(counts), seeded: estate.seeded },
    searches,
    playbook,
    messages_stored: messages.length,
    cli_calls: parts.cliCalls(),
    iam_calls: iamCalls,
    phases_ms: phases.toJSON(),
  };
  const problems = problemsOf(report, scan.status);
  return { ...report, problems, ok: problems.length === 0 };
}

function totalsOf({ regions, rows, total }: ResourceCounts) {
  const byRegion = regions.map((region, index) => [
    region,
    rows.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0),
  ]);
  return {
    total,
    by_type: Object.fromEntries(rows.map((row) => [row.type, row.total])),
    by_region: Object.fromEntries(byRegion),
  };
}
