import { planIssues } from 'cloudops-execution-engine';
import { toPointer, type Finding } from '../errors.ts';
import type { Playbook } from '../protocol/playbook.ts';

type PlaybookWork = Pick<Playbook, 'strategy' | 'steps' | 'rollbacks' | 'parameters'>;

/**
 * What the engine would refuse: names and order of the steps, cycles, references, values that the AWS CLI would replace by a file. Empty where it would take all of it.
 *
 * Rollbacks are looked at as steps that run by themselves: they know the parameters, but no outputs.
 */
export function findPlanFaults({
  strategy,
  steps,
  rollbacks,
  parameters,
}: PlaybookWork): Finding[] {
  // Only their names count here; the values are given later.
  const names = Object.fromEntries(Object.keys(parameters ?? {}).map((name) => [name, null]));
  const faults = planIssues({ strategy, steps, parameters: names }).map(({ path, message }) => ({
    pointer: toPointer(path),
    message,
  }));
  for (const [name, { command, env, stdin }] of Object.entries(rollbacks ?? {})) {
    const alone = { id: name, command, env, stdin };
    const issues = planIssues({
      strategy: { type: 'serial' },
      steps: [alone],
      parameters: names,
    });
    for (const { path, message } of issues) {
      // `steps`, 0, and the place in it.
      const pointer = toPointer(['rollbacks', name, ...path.slice(2)]);
      faults.push({ pointer, message: `in a rollback, ${message}` });
    }
  }
  return faults;
}
