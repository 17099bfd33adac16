import type { Preview, StepPreview } from 'cloudops-request-builder';
import { safe, type Screen } from '../terminal/screen.ts';

/** Writes what a playbook would do: per step its argv, class, why it has that class, and what the policy says. */
export function showPreview(screen: Screen, preview: Preview): void {
  const { color } = screen;
  screen.line(color.bold(safe(preview.playbook.summary)));
  screen.line(
    `account ${preview.account_id} · ${preview.playbook.strategy.type} · ${riskText(screen, preview.risk)} · ` +
      `good until ${preview.expires_at.slice(11, 19)} UTC`,
  );
  for (const [index, step] of preview.steps.entries()) showStep(screen, step, index + 1);
  for (const { rollback: name } of preview.steps) {
    const rollback = name === null ? undefined : preview.rollbacks[name];
    if (rollback === undefined) continue;
    screen.line(color.dim(`  to undo it: ${commandText(rollback.argv)}`));
  }
}

function showStep(screen: Screen, step: StepPreview, number: number): void {
  const { color } = screen;
  const after = step.depends_on.length === 0 ? '' : ` after ${step.depends_on.join(', ')}`;
  screen.line(`${String(number).padStart(3)}. ${safe(step.title)}`);
  screen.line(color.dim(`     ${step.id}${after}`));
  screen.line(`     $ ${commandText(step.argv)}`);
  if (step.script !== null) {
    for (const line of step.script.split('\n')) screen.line(`     | ${safe(line)}`);
  }
  for (const [name, value] of Object.entries(step.env)) {
    screen.line(`     ${safe(name)}=${safe(value)}`);
  }
  screen.line(`     ${riskText(screen, step.risk)}: ${step.reasons.map(safe).join('; ')}`);
  const { effect, reasons } = step.decision;
  if (effect !== 'allow') {
    const text = `${EFFECTS[effect]}: ${reasons.map(safe).join('; ')}`;
    screen.line(`     ${effect === 'deny' ? color.red(text) : color.yellow(text)}`);
  }
  const lacking = step.resources.flatMap(({ ref, name, permissions }) =>
    Object.entries(permissions)
      .filter(([, state]) => state === 'denied')
      .map(([action]) => `${action} on ${safe(name ?? ref)}`),
  );
  if (lacking.length > 0) screen.line(color.red(`     you may not: ${lacking.join(', ')}`));
}

const EFFECTS = {
  allow: 'allowed',
  require_approval: 'needs your approval',
  deny: 'denied by the policy',
} as const;

function riskText({ color }: Screen, risk: Preview['risk']): string {
  const paint = {
    read_only: color.green,
    sensitive_read: color.yellow,
    mutating: color.yellow,
    destructive: color.red,
  }[risk];
  return paint(risk.replace('_', ' '));
}

/** An argv as one could type it: what a shell would take apart is quoted. */
export function commandText(argv: readonly string[]): string {
  return argv
    .map((argument) =>
      /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${safe(argument).replaceAll("'", `'\\''`)}'`,
    )
    .join(' ');
}
