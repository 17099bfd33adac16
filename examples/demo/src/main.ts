import { createScreen, EXIT, listenForInterrupt, silentScreen } from 'cloudops-example-cli';
import { readArguments, USAGE, UsageError, type DemoArguments } from './arguments.ts';
import { runDemo } from './demo.ts';
import { demoFailureOf } from './failure.ts';
import { showSummary } from './summary.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const notes = createScreen(process.stderr);
  let args: DemoArguments | null;
  try {
    args = readArguments(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    notes.line(error.message);
    notes.line(USAGE);
    return EXIT.usage;
  }
  const screen = createScreen(process.stdout);
  if (args === null) {
    screen.line(USAGE);
    return EXIT.ok;
  }
  const interrupt = listenForInterrupt(() => notes.line('Stopping …'));
  try {
    const report = await runDemo(args, args.json ? silentScreen() : screen, interrupt.signal);
    if (args.json) screen.line(JSON.stringify(report, null, 2));
    else showSummary(screen, report);
    return report.ok ? EXIT.ok : EXIT.failed;
  } catch (error) {
    const { exit, ...failure } = demoFailureOf(error, interrupt.signal.aborted);
    if (args.json) screen.line(JSON.stringify({ ok: false, error: failure }, null, 2));
    const head = interrupt.signal.aborted ? '' : `${notes.color.red('The demo failed:')} `;
    notes.line(`${head}${failure.message}`);
    notes.line(failure.advice);
    return exit;
  } finally {
    interrupt.release();
  }
}
