import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependenciesOf, findCycle, topologicalOrder } from '../../../src/plans/graph.ts';
import { unordered } from '../../../src/plans/order.ts';
import { checkPlan, planIssues } from '../../../src/plans/check.ts';
import type { Plan } from '../../../src/plans/plan.ts';

/** Any graph of up to 12 nodes, cycles included. */
const anyGraph = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 4 }), {
    minLength: size,
    maxLength: size,
  }),
);

function reaches(from: number, to: number, dependencies: readonly (readonly number[])[]): boolean {
  const open = [...(dependencies[from] ?? [])];
  const seen = new Set<number>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === to) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(dependencies[next] ?? []));
  }
  return false;
}

describe('a graph', () => {
  it('has a cycle where one is found, which leads from dependency to dependency and back', () => {
    fc.assert(
      fc.property(anyGraph, (dependencies) => {
        const cycle = findCycle(dependencies);
        const isCyclic = dependencies.some((_, node) => reaches(node, node, dependencies));
        expect(cycle !== null).toBe(isCyclic);
        const path = cycle ?? [];
        expect(path[0]).toBe(path.at(-1));
        const steps = path.slice(1).map((to, at) => dependencies[path[at] ?? -1]?.includes(to));
        expect(steps.every((known) => known === true)).toBe(true);
      }),
    );
  });

  it('without a cycle is put in order, and asked what comes before what, as by following every path', () => {
    const question = fc.record({ source: fc.nat(11), step: fc.nat(11) });
    fc.assert(
      fc.property(anyGraph, fc.array(question, { maxLength: 40 }), (graph, questions) => {
        // Only what comes earlier: so there is no cycle.
        const dependencies = graph.map((list, node) => list.filter((before) => before < node));
        expect(topologicalOrder(dependencies).toSorted((a, b) => a - b)).toEqual(
          graph.map((_, node) => node),
        );
        const known = questions.filter(
          ({ source, step }) => source < graph.length && step < graph.length,
        );
        expect(unordered(known, dependencies)).toEqual(
          expect.arrayContaining(
            known.filter(({ source, step }) => !reaches(step, source, dependencies)),
          ),
        );
        expect(unordered(known, dependencies)).toHaveLength(
          known.filter(({ source, step }) => !reaches(step, source, dependencies)).length,
        );
      }),
    );
  });
});

describe('a plan of many steps', () => {
  const size = 20_000;
  const command = { type: 'exec' as const, program: 'true' };
  const outputs = { x: { from: 'stdout' as const } };
  const steps = (part: (at: number) => Partial<Plan['steps'][number]>): Plan['steps'] =>
    Array.from({ length: size }, (_, at) => ({ id: `s${at}`, command, ...part(at) }));

  it('in one cycle is refused, with its beginning', () => {
    const plan: Plan = {
      strategy: { type: 'dependency_graph' },
      steps: steps((at) => ({ depends_on: [`s${(at + 1) % size}`] })),
    };
    expect(planIssues(plan)).toMatchObject([{ path: ['steps', 0, 'depends_on'] }]);
  });

  it('in a chain, each with refs far back, is checked without following each path', () => {
    const plan: Plan = {
      strategy: { type: 'dependency_graph' },
      steps: steps((at) => ({
        outputs,
        ...(at > 0 && { depends_on: [`s${at - 1}`] }),
        ...(at > 1 && { stdin: { $ref: `steps.s${(at * 7919) % (at - 1)}.outputs.x` } }),
      })),
    };
    expect(checkPlan(plan).steps).toHaveLength(size);
    const cut = size / 2;
    const wrong = { ...plan, steps: plan.steps.with(cut, { id: `s${cut}`, command, outputs }) };
    expect(planIssues(wrong).length).toBeGreaterThan(size / 8);
  });

  it('half of which wait for the other half has no more edges than steps', () => {
    const plan: Plan = {
      strategy: { type: 'parallel' },
      steps: steps((at) => ({ when: at % 2 === 0 ? 'always' : 'success' })),
    };
    expect(dependenciesOf(plan).flat()).toHaveLength(size);
  });
});
