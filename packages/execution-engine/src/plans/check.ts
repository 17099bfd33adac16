import { ExecutionError } from '../errors.ts';
import { parseRequest } from '../request.ts';
import { invalid, parseOrThrow, pathText } from '../validation.ts';
import type { Issue } from '../validation.ts';
import { ancestorsOf, dependenciesOf, findCycle } from './graph.ts';
import { Plan } from './plan.ts';
import type { PlanStep } from './plan.ts';
import { refTarget, replaceRefs } from './refs.ts';
import type { RefTarget } from './refs.ts';
import { requestOf } from './bind.ts';

/**
 * Checks a plan completely, before anything of it runs.
 *
 * @throws ExecutionError `PLAN_INVALID`; `details.issues` lists every `{ path, message }`
 */
export function checkPlan(input: unknown): Plan {
  const plan = parseOrThrow(Plan, input, 'PLAN_INVALID');
  const issues = [...checkNames(plan), ...plan.steps.flatMap(checkCommand)];
  if (issues.length === 0) issues.push(...checkCycle(plan), ...checkRefs(plan));
  if (issues.length > 0) throw invalid('PLAN_INVALID', issues);
  return plan;
}

function checkNames(plan: Plan): Issue[] {
  const issues: Issue[] = [];
  const ids = new Set(plan.steps.map((step) => step.id));
  const seen = new Set<string>();
  for (const [index, step] of plan.steps.entries()) {
    if (seen.has(step.id)) {
      issues.push({ path: `steps[${index}].id`, message: `another step is called ${step.id}` });
    }
    for (const [at, dependency] of (step.depends_on ?? []).entries()) {
      const path = `steps[${index}].depends_on[${at}]`;
      if (!ids.has(dependency)) issues.push({ path, message: `there is no step ${dependency}` });
      else if (dependency === step.id) issues.push({ path, message: 'a step depends on itself' });
      else if (plan.strategy.type === 'parallel') {
        issues.push({
          path,
          message: 'steps of a parallel plan have no order: use dependency_graph',
        });
      } else if (plan.strategy.type === 'serial' && !seen.has(dependency)) {
        issues.push({ path, message: `step ${dependency} comes later in this serial plan` });
      }
    }
    seen.add(step.id);
  }
  return issues;
}

/** What only the command itself knows to check, with something harmless in the place of refs. */
function checkCommand(step: PlanStep, index: number): Issue[] {
  try {
    parseRequest(requestOf(step, () => 'ref'));
    return [];
  } catch (error) {
    if (!ExecutionError.is(error) || !Array.isArray(error.details.issues)) throw error;
    return error.details.issues.map((issue: Issue) => ({
      path: `steps[${index}].${issue.path}`,
      message: issue.message,
    }));
  }
}

function checkCycle(plan: Plan): Issue[] {
  const cycle = findCycle(dependenciesOf(plan));
  if (cycle === null) return [];
  const names = cycle.map((index) => plan.steps[index]?.id).join(' → ');
  return [{ path: `steps[${cycle[0]}].depends_on`, message: `a cycle: ${names}` }];
}

function checkRefs(plan: Plan): Issue[] {
  const dependencies = dependenciesOf(plan);
  const indexes = new Map(plan.steps.map((step, index) => [step.id, index]));

  const problemOf = (index: number, target: RefTarget | null): string | null => {
    if (target === null) return 'must be "steps.ID.outputs.NAME" or "parameters.NAME"';
    if (target.kind === 'parameter') {
      const known = Object.hasOwn(plan.parameters ?? {}, target.name);
      return known ? null : `the plan has no parameter ${target.name}`;
    }
    const source = indexes.get(target.step);
    if (source === undefined) return `there is no step ${target.step}`;
    if (!Object.hasOwn(plan.steps[source]?.outputs ?? {}, target.name)) {
      return `step ${target.step} has no output ${target.name}`;
    }
    if (runsBefore(source, index, plan, dependencies)) return null;
    return `step ${plan.steps[index]?.id} does not depend on step ${target.step}`;
  };

  return plan.steps.flatMap((step, index) =>
    refsIn(step).flatMap(({ path, target }) => {
      const message = problemOf(index, target);
      return message === null ? [] : [{ path: pathText(['steps', index, ...path]), message }];
    }),
  );
}

function runsBefore(
  source: number,
  index: number,
  plan: Plan,
  dependencies: readonly (readonly number[])[],
): boolean {
  if (plan.strategy.type === 'serial') return source < index;
  // The direct ones first: looking for all ancestors of each step of a long chain would take quadratic time.
  return (
    dependencies[index]?.includes(source) === true || ancestorsOf(index, dependencies).has(source)
  );
}

interface FoundRef {
  path: PropertyKey[];
  /** Null where it is not written like a ref. */
  target: RefTarget | null;
}

function refsIn(step: PlanStep): FoundRef[] {
  const found: FoundRef[] = [];
  const { command, env, stdin } = step;
  replaceRefs({ command, env, stdin }, (ref, path) => {
    found.push({ path, target: refTarget(ref) });
    return null;
  });
  return found;
}
