import { seconds, type Screen } from 'cloudops-example-cli';
import type { DemoReport } from './report.ts';

/** Writes what was done, in one block. */
export function showSummary(screen: Screen, report: DemoReport): void {
  const { color } = screen;
  const { playbook, resources } = report;
  const regions = Object.keys(resources.by_region).length;
  screen.line();
  screen.line(color.bold(color.cyan('── Summary')));
  screen.line(
    `  resources   ${resources.total} in ${regions === 1 ? '1 region' : `${regions} regions`}`,
  );
  screen.line(`  CLI calls   ${report.cli_calls}`);
  screen.line(`  IAM calls   ${report.iam_calls}`);
  if (playbook.changed.length > 0) {
    const stopped = playbook.changed.filter(({ actual }) => actual === 'stopped').length;
    const others =
      playbook.unexpected.length === 0
        ? 'nothing else changed'
        : `${playbook.unexpected.length} others changed`;
    screen.line(
      `  stopped     ${stopped} of ${playbook.changed.length} instances, asked of AWS directly; ${others}`,
    );
  }
  screen.line(`  stored      ${report.messages_stored} messages: question, playbook, outcome`);
  const { total = 0, ...phases } = report.phases_ms;
  const parts = Object.entries(phases).map(([name, ms]) => `${name} ${seconds(ms)}`);
  screen.line(`  time        ${seconds(total)}: ${parts.join(', ')}`);
  for (const problem of report.problems) screen.line(color.red(`  problem     ${problem}`));
}
