import type { RunOutcome } from 'cloudops-request-builder';
import { safe, type Screen } from '../terminal/screen.ts';
import { seconds } from './scan-summary.ts';

/** Writes how a playbook ended: one line in all, and one for each step that did not complete. */
export function showOutcome(screen: Screen, outcome: RunOutcome): void {
  const { color } = screen;
  const completed = outcome.steps.filter(({ status }) => status === 'completed').length;
  const text = `The playbook ${outcome.status}: ${completed} of ${outcome.steps.length} steps in ${seconds(outcome.duration_ms)}.`;
  screen.line(outcome.status === 'completed' ? color.green(text) : color.red(text));
  for (const step of outcome.steps) {
    if (step.status === 'completed') continue;
    const code = step.exit_code === null ? '' : ` (exit code ${step.exit_code})`;
    const reason = step.reason === null ? '' : `: ${safe(step.reason)}`;
    screen.line(`  ${step.status} ${step.id}${code}${reason}`);
    const said = step.stderr.trim().split('\n').at(-1) ?? '';
    if (step.status === 'failed' && said !== '') screen.line(`    ${color.red(safe(said))}`);
  }
  for (const { code, message } of outcome.warnings) {
    screen.line(color.yellow(`  ${code}: ${safe(message)}`));
  }
}
