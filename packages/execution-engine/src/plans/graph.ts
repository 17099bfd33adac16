import type { Plan, PlanStep } from './plan.ts';

/**
 * What each step waits for, by index: the plan's strategies as one graph.
 *
 * Serial is a chain. In a parallel plan, steps for `failure` and `always` wait for all the others.
 * Unknown names in `depends_on` are left out; the check has reported them.
 */
export function dependenciesOf(plan: Plan): number[][] {
  const { steps, strategy } = plan;
  switch (strategy.type) {
    case 'serial':
      return steps.map((_, index) => (index === 0 ? [] : [index - 1]));
    case 'parallel': {
      const ordinary = steps.flatMap((step, index) => (isOrdinary(step) ? [index] : []));
      return steps.map((step) => (isOrdinary(step) ? [] : ordinary));
    }
    default: {
      const indexes = new Map(steps.map((step, index) => [step.id, index]));
      return steps.map((step) =>
        Array.from(new Set(step.depends_on ?? []), (id) => indexes.get(id) ?? []).flat(),
      );
    }
  }
}

function isOrdinary(step: PlanStep): boolean {
  return (step.when ?? 'success') === 'success';
}

/** One cycle, as the indexes along it with the first again at its end; null where there is none. */
export function findCycle(dependencies: readonly (readonly number[])[]): number[] | null {
  const waiting = dependencies.map((list) => list.length);
  const dependants = dependantsOf(dependencies);
  const ready = waiting.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let at = 0; at < ready.length; at += 1) {
    for (const dependant of dependants[ready[at] ?? -1] ?? []) {
      waiting[dependant] = (waiting[dependant] ?? 0) - 1;
      if (waiting[dependant] === 0) ready.push(dependant);
    }
  }
  if (ready.length === dependencies.length) return null;
  const free = new Set(ready);
  let step = waiting.findIndex((_, index) => !free.has(index));
  const trail: number[] = [];
  // Every step that is left has a dependency that is left, so that going from one to the next must come back.
  while (!trail.includes(step)) {
    trail.push(step);
    step = dependencies[step]?.find((next) => !free.has(next)) ?? step;
  }
  return [...trail.slice(trail.indexOf(step)), step];
}

/** The other direction: who waits for each step. */
export function dependantsOf(dependencies: readonly (readonly number[])[]): number[][] {
  const dependants: number[][] = dependencies.map(() => []);
  for (const [index, list] of dependencies.entries()) {
    for (const dependency of list) dependants[dependency]?.push(index);
  }
  return dependants;
}

/** Everything that a step waits for, directly or not. */
export function ancestorsOf(
  step: number,
  dependencies: readonly (readonly number[])[],
): ReadonlySet<number> {
  const found = new Set<number>();
  const open = [...(dependencies[step] ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(dependencies[next] ?? []));
  }
  return found;
}
