import type { Plan, PlanStep } from './plan.ts';

/**
 * What each step waits for, by index: the plan's strategies as one graph.
 *
 * Serial is a chain. In a parallel plan, steps for `failure` and `always` wait for all the others: by way of one more
 * node behind the steps, or the edges between thousands on both sides would fill the memory. Unknown names in
 * `depends_on` are left out; the check has reported them.
 */
export function dependenciesOf(plan: Plan): number[][] {
  const { steps, strategy } = plan;
  switch (strategy.type) {
    case 'serial':
      return steps.map((_, index) => (index === 0 ? [] : [index - 1]));
    case 'parallel': {
      const ordinary = steps.flatMap((step, index) => (isOrdinary(step) ? [index] : []));
      const junction = steps.length;
      return [...steps.map((step) => (isOrdinary(step) ? [] : [junction])), ordinary];
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

/** The nodes in an order in which each comes behind those that it waits for; those in or behind a cycle are missing. */
export function topologicalOrder(dependencies: readonly (readonly number[])[]): number[] {
  const waiting = dependencies.map((list) => list.length);
  const dependants = dependantsOf(dependencies);
  const order = waiting.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let at = 0; at < order.length; at += 1) {
    for (const dependant of dependants[order[at] ?? -1] ?? []) {
      waiting[dependant] = (waiting[dependant] ?? 0) - 1;
      if (waiting[dependant] === 0) order.push(dependant);
    }
  }
  return order;
}

/** One cycle, as the indexes along it with the first again at its end; null where there is none. */
export function findCycle(dependencies: readonly (readonly number[])[]): number[] | null {
  const free = new Set(topologicalOrder(dependencies));
  if (free.size === dependencies.length) return null;
  let step = dependencies.findIndex((_, index) => !free.has(index));
  // A map keeps the order in which its keys came.
  const trail = new Map<number, number>();
  // Every step that is left has a dependency that is left, so that going from one to the next must come back.
  while (!trail.has(step)) {
    trail.set(step, trail.size);
    step = dependencies[step]?.find((next) => !free.has(next)) ?? step;
  }
  return [...[...trail.keys()].slice(trail.get(step)), step];
}

/** The other direction: who waits for each step. */
export function dependantsOf(dependencies: readonly (readonly number[])[]): number[][] {
  const dependants: number[][] = dependencies.map(() => []);
  for (const [index, list] of dependencies.entries()) {
    for (const dependency of list) dependants[dependency]?.push(index);
  }
  return dependants;
}
