import { toPointer, type Finding } from '../errors.ts';
import type { Playbook } from '../protocol/playbook.ts';
import type { PlaybookStep } from '../protocol/step.ts';
import { membersOf, refTargetOf } from './values.ts';

/** What is wrong with the order of a playbook's steps and with their references; empty where nothing is. */
export function findGraphFaults(playbook: Playbook): Finding[] {
  const faults = findNameFaults(playbook);
  // Cycles and paths are only meaningful between steps that exist once.
  if (faults.length > 0) return faults;
  const cycle = findCycle(playbook.steps);
  if (cycle !== null) return [cycle];
  return findRefFaults(playbook);
}

function findNameFaults({ steps, strategy }: Playbook): Finding[] {
  const faults: Finding[] = [];
  const ids = new Set(steps.map(({ id }) => id));
  const seen = new Set<string>();
  for (const [index, step] of steps.entries()) {
    if (seen.has(step.id)) {
      faults.push({ pointer: `/steps/${index}/id`, message: `another step is called ${step.id}` });
    }
    for (const [at, dependency] of (step.depends_on ?? []).entries()) {
      const message = dependencyFault(dependency, step.id, ids, seen, strategy.type);
      if (message !== null) faults.push({ pointer: `/steps/${index}/depends_on/${at}`, message });
    }
    seen.add(step.id);
  }
  return faults;
}

function dependencyFault(
  dependency: string,
  step: string,
  ids: ReadonlySet<string>,
  seen: ReadonlySet<string>,
  strategy: Playbook['strategy']['type'],
): string | null {
  if (dependency === step) return 'a step depends on itself';
  if (!ids.has(dependency)) return `there is no step ${dependency}`;
  if (strategy === 'parallel') return 'steps of a parallel playbook have no order';
  if (strategy === 'serial' && !seen.has(dependency)) return `step ${dependency} comes later`;
  return null;
}

/** Takes away steps that wait for nothing until none is left; what is left waits for itself. */
function findCycle(steps: readonly PlaybookStep[]): Finding | null {
  const waiting = new Map(steps.map((step) => [step.id, new Set(step.depends_on)]));
  const dependants = new Map<string, string[]>();
  for (const { id, depends_on: dependencies } of steps) {
    for (const dependency of dependencies ?? []) {
      dependants.set(dependency, [...(dependants.get(dependency) ?? []), id]);
    }
  }
  const ready = [...waiting]
    .filter(([, dependencies]) => dependencies.size === 0)
    .map(([id]) => id);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    waiting.delete(id);
    for (const dependant of dependants.get(id) ?? []) {
      const open = waiting.get(dependant);
      if (open?.delete(id) && open.size === 0) ready.push(dependant);
    }
  }
  const index = steps.findIndex(({ id }) => waiting.has(id));
  if (index < 0) return null;
  const names = [...waiting.keys()].slice(0, 10).join(', ');
  return { pointer: `/steps/${index}/depends_on`, message: `a cycle among ${names}` };
}

function findRefFaults(playbook: Playbook): Finding[] {
  const { steps, strategy, parameters } = playbook;
  const indexes = new Map(steps.map(({ id }, index) => [id, index]));
  const leadsTo = pathFinder(steps, indexes);
  const comesBefore = (source: number, index: number): boolean =>
    strategy.type === 'serial' ? source < index : leadsTo(source, index);
  const faultOf = (value: unknown, index: number): string | null => {
    const target = refTargetOf(value);
    if (target === null) return 'expected steps.ID.outputs.NAME or parameters.NAME';
    if (target.kind === 'parameter') {
      return Object.hasOwn(parameters ?? {}, target.name)
        ? null
        : `there is no parameter ${target.name}`;
    }
    const source = indexes.get(target.step);
    if (source === undefined) return `there is no step ${target.step}`;
    if (!Object.hasOwn(steps[source]?.outputs ?? {}, target.name)) {
      return `step ${target.step} has no output ${target.name}`;
    }
    return comesBefore(source, index) ? null : `it does not depend on step ${target.step}`;
  };
  return steps.flatMap(({ command, env, stdin }, index) =>
    refsIn({ command, env, stdin }, ['steps', index]).flatMap(({ value, path }) => {
      const message = faultOf(value, index);
      return message === null ? [] : [{ pointer: toPointer(path), message }];
    }),
  );
}

/** Answers whether one step leads to another; the ancestors of a step are looked up once, however many references it has. */
function pathFinder(
  steps: readonly PlaybookStep[],
  indexes: ReadonlyMap<string, number>,
): (source: number, index: number) => boolean {
  const known = new Map<number, ReadonlySet<number>>();
  return (source, index) => {
    let ancestors = known.get(index);
    if (ancestors === undefined) {
      ancestors = ancestorsOf(steps, indexes, index);
      known.set(index, ancestors);
    }
    return ancestors.has(source);
  };
}

function ancestorsOf(
  steps: readonly PlaybookStep[],
  indexes: ReadonlyMap<string, number>,
  index: number,
): Set<number> {
  const seen = new Set<number>();
  const open = [index];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const dependency of steps[at]?.depends_on ?? []) {
      const next = indexes.get(dependency);
      if (next !== undefined && !seen.has(next)) {
        seen.add(next);
        open.push(next);
      }
    }
  }
  return seen;
}

interface FoundRef {
  value: object;
  path: (string | number)[];
}

/** Every object with nothing but `$ref`, well written or not. */
export function refsIn(value: unknown, base: readonly (string | number)[]): FoundRef[] {
  const found: FoundRef[] = [];
  collectRefs(value, [...base], found);
  return found;
}

function collectRefs(value: unknown, path: (string | number)[], found: FoundRef[]): void {
  if (typeof value !== 'object' || value === null) return;
  if ('$ref' in value && Object.keys(value).length === 1) {
    found.push({ value, path: [...path] });
    return;
  }
  for (const [name, item] of membersOf(value)) {
    path.push(name);
    collectRefs(item, path, found);
    path.pop();
  }
}
