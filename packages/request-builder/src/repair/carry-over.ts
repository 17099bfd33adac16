import {
  refTarget,
  replaceRefs,
  type Json,
  type Plan,
  type PlanStep,
} from 'cloudops-execution-engine';
import type { CompletedSteps } from './completed.ts';

/**
 * A plan without the steps that are completed; what they put out is given to the others as parameters, which the engine binds as it binds outputs.
 *
 * A step that waits for the failure of completed ones alone is left out as well: they did not fail.
 */
export function carryOver(plan: Plan, completed: CompletedSteps): Plan {
  if (completed.size === 0) return plan;
  const parameters: Record<string, Json> = { ...plan.parameters };
  const names = new Map<string, string>();
  const nameOf = (ref: string, value: Json): string => {
    const known = names.get(ref);
    if (known !== undefined) return known;
    let name = `carried_${names.size}`;
    while (Object.hasOwn(parameters, name)) name = `${name}_`;
    names.set(ref, name);
    parameters[name] = value;
    return name;
  };
  const rebind = (ref: string): unknown => {
    const target = refTarget(ref);
    const outputs = target?.kind === 'output' ? completed.get(target.step)?.outputs : undefined;
    if (!target || !outputs || !Object.hasOwn(outputs, target.name)) return { $ref: ref };
    return { $ref: `parameters.${nameOf(ref, outputs[target.name] ?? null)}` };
  };
  const steps = plan.steps
    .filter((step) => !completed.has(step.id) && !waitsInVain(step, completed))
    .map((step): PlanStep => {
      const { command, env, stdin } = step;
      const dependsOn = step.depends_on?.filter((id) => !completed.has(id));
      const bound = rebound({ command, env, stdin }, rebind);
      return Object.assign({}, step, bound, { depends_on: dependsOn });
    });
  return { ...plan, parameters, steps };
}

/** Refs stand where values of any type may stand, so that what holds them keeps its type. */
function rebound<T>(value: T, rebind: (ref: string) => unknown): T;
function rebound(value: unknown, rebind: (ref: string) => unknown): unknown {
  return replaceRefs(value, rebind);
}

function waitsInVain(
  { when, depends_on: dependsOn }: PlanStep,
  completed: CompletedSteps,
): boolean {
  return when === 'failure' && !!dependsOn?.length && dependsOn.every((id) => completed.has(id));
}
