import { paramFileIssues } from '../commands/aws-parameters.ts';
import { plainCopy } from '../plain.ts';
import { invalid, parseOrThrow, pathText } from '../validation.ts';
import type { Issue } from '../validation.ts';
import { dependenciesOf, findCycle } from './graph.ts';
import { unordered } from './order.ts';
import type { OrderQuestion } from './order.ts';
import { Plan } from './plan.ts';
import type { PlanStep } from './plan.ts';
import { isRef, refTarget } from './refs.ts';
import type { RefTarget } from './refs.ts';

/** One thing that is wrong with a plan: `path` as segments (`['steps', 0, 'depends_on', 1]`), `message` for people. */
export type PlanIssue = Issue<(string | number)[]>;

/** Twenty for each of the steps that a plan may have. */
const MOST_VALUES = 1_000_000;

/**
 * Checks a plan completely, before anything of it runs.
 *
 * @throws ExecutionError `PLAN_INVALID`; `details.issues` lists every `{ path, message }`
 */
export function checkPlan(input: unknown): Plan {
  const plan = parseOrThrow(Plan, plainCopy(input, 'PLAN_INVALID', MOST_VALUES), 'PLAN_INVALID');
  const issues = planIssues(plan);
  if (issues.length > 0) {
    throw invalid(
      'PLAN_INVALID',
      issues.map(({ path, message }) => ({ path: pathText(path), message })),
    );
  }
  return plan;
}

/**
 * What the schema of a plan cannot say: names, cycles, refs, and values that the AWS CLI would replace by a file. For a plan that has been parsed (`Plan.parse`); it is
 * not parsed again. Cycles and refs are looked at where the names are right.
 *
 * @returns everything that is wrong, in the plan's order; empty where the engine would take the plan
 */
export function planIssues(plan: Plan): PlanIssue[] {
  const issues = [...checkNames(plan), ...plan.steps.flatMap(checkCommand)];
  if (issues.length > 0) return issues;
  const dependencies = dependenciesOf(plan);
  return [...checkCycle(plan, dependencies), ...checkRefs(plan, dependencies)];
}

function checkNames(plan: Plan): PlanIssue[] {
  const issues: PlanIssue[] = [];
  const ids = new Set(plan.steps.map((step) => step.id));
  const seen = new Set<string>();
  for (const [index, step] of plan.steps.entries()) {
    if (seen.has(step.id)) {
      issues.push({ path: ['steps', index, 'id'], message: `another step is called ${step.id}` });
    }
    for (const [at, dependency] of (step.depends_on ?? []).entries()) {
      const message = dependencyProblem(dependency, step.id, plan.strategy.type, ids, seen);
      if (message !== null) issues.push({ path: ['steps', index, 'depends_on', at], message });
    }
    seen.add(step.id);
  }
  return issues;
}

function dependencyProblem(
  dependency: string,
  step: string,
  strategy: Plan['strategy']['type'],
  ids: ReadonlySet<string>,
  seen: ReadonlySet<string>,
): string | null {
  if (!ids.has(dependency)) return `there is no step ${dependency}`;
  if (dependency === step) return 'a step depends on itself';
  if (strategy === 'parallel')
    return 'steps of a parallel plan have no order: use dependency_graph';
  if (strategy === 'serial' && !seen.has(dependency)) {
    return `step ${dependency} comes later in this serial plan`;
  }
  return null;
}

/** What only the command itself knows to check; refs are bound later, and looked at then. */
function checkCommand({ command }: PlanStep, index: number): PlanIssue[] {
  if (command.type !== 'aws_cli') return [];
  return paramFileIssues(command).map(({ path, message }) => ({
    path: ['steps', index, 'command', ...path],
    message,
  }));
}

/** What each step waits for, by index. */
type Dependencies = readonly (readonly number[])[];

/** So many names of a cycle are enough to find it. */
const SHOWN_CYCLE = 10;

function checkCycle(plan: Plan, dependencies: Dependencies): PlanIssue[] {
  const cycle = findCycle(dependencies);
  if (cycle === null) return [];
  const names = cycle.slice(0, SHOWN_CYCLE).map((index) => plan.steps[index]?.id);
  const more = cycle.length > SHOWN_CYCLE ? ' → …' : '';
  const message = `a cycle: ${names.join(' → ')}${more}`;
  return [{ path: ['steps', cycle[0] ?? 0, 'depends_on'], message }];
}

function checkRefs(plan: Plan, dependencies: Dependencies): PlanIssue[] {
  const indexes = new Map(plan.steps.map((step, index) => [step.id, index]));
  const questions: (OrderQuestion & { issue: PlanIssue })[] = [];

  const problemOf = (index: number, found: FoundRef): PlanIssue | null => {
    const path = ['steps', index, ...found.path];
    const { target } = found;
    if (target === null) {
      return { path, message: 'must be "steps.ID.outputs.NAME" or "parameters.NAME"' };
    }
    if (target.kind === 'parameter') {
      const known = Object.hasOwn(plan.parameters ?? {}, target.name);
      return known ? null : { path, message: `the plan has no parameter ${target.name}` };
    }
    const source = indexes.get(target.step);
    if (source === undefined) return { path, message: `there is no step ${target.step}` };
    if (!Object.hasOwn(plan.steps[source]?.outputs ?? {}, target.name)) {
      return { path, message: `step ${target.step} has no output ${target.name}` };
    }
    const message = `step ${plan.steps[index]?.id} does not depend on step ${target.step}`;
    const issue = { path, message };
    if (plan.strategy.type === 'serial') return source < index ? null : issue;
    // All at once, later: one by one they would cost quadratic time.
    questions.push({ source, step: index, issue });
    return null;
  };

  const issues = plan.steps.flatMap((step, index) =>
    refsIn(step).flatMap((found) => problemOf(index, found) ?? []),
  );
  const late = new Set<OrderQuestion>(unordered(questions, dependencies));
  return [...issues, ...questions.filter((one) => late.has(one)).map(({ issue }) => issue)];
}

interface FoundRef {
  path: (string | number)[];
  /** Null where it is not written like a ref. */
  target: RefTarget | null;
}

function refsIn({ command, env, stdin }: PlanStep): FoundRef[] {
  const found: FoundRef[] = [];
  collectRefs({ command, env, stdin }, [], found);
  return found;
}

/** One path for the whole walk, copied where a ref is found: plans are large, and refs in them few. */
function collectRefs(value: unknown, path: (string | number)[], found: FoundRef[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (isRef(value)) {
    found.push({ path: [...path], target: refTarget(String(value.$ref)) });
    return;
  }
  for (const [name, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    path.push(name);
    collectRefs(item, path, found);
    path.pop();
  }
}
