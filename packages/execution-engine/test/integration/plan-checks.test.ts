import { describe, expect, it } from 'vitest';
import { ExecutionError } from '../../src/index.ts';
import type { Plan } from '../../src/index.ts';
import { sh, testEngine } from '../engine.ts';
import { step } from '../plans.ts';

describe('plans that are wrong', () => {
  const graph = { type: 'dependency_graph' as const };
  const ref = (to: string) => ({ type: 'exec' as const, program: 'echo', args: [{ $ref: to }] });
  const a = { ...step('a', 'echo 1'), outputs: { x: { from: 'stdout' as const } } };

  it.each<[string, Plan, string]>([
    [
      'a cycle',
      {
        strategy: graph,
        steps: [step('a', 'true', { depends_on: ['b'] }), step('b', 'true', { depends_on: ['a'] })],
      },
      'steps[0].depends_on',
    ],
    [
      'itself',
      { strategy: graph, steps: [step('a', 'true', { depends_on: ['a'] })] },
      'steps[0].depends_on[0]',
    ],
    [
      'an unknown step',
      { strategy: graph, steps: [step('a', 'true', { depends_on: ['x'] })] },
      'steps[0].depends_on[0]',
    ],
    [
      'a duplicate id',
      { strategy: graph, steps: [step('a', 'true'), step('a', 'true')] },
      'steps[1].id',
    ],
    [
      'a ref without a path',
      { strategy: graph, steps: [a, { id: 'b', command: ref('steps.a.outputs.x') }] },
      'steps[1].command.args[0]',
    ],
    [
      'a ref to a later step',
      { strategy: { type: 'serial' }, steps: [{ id: 'b', command: ref('steps.a.outputs.x') }, a] },
      'steps[0].command.args[0]',
    ],
    [
      'an unknown output',
      { strategy: { type: 'serial' }, steps: [a, { id: 'b', command: ref('steps.a.outputs.y') }] },
      'steps[1].command.args[0]',
    ],
    [
      'an unknown parameter',
      { strategy: graph, steps: [{ id: 'b', command: ref('parameters.y') }] },
      'steps[0].command.args[0]',
    ],
    [
      'a ref like a template',
      {
        strategy: graph,
        steps: [
          {
            id: 'b',
            command: {
              type: 'aws_cli',
              service: 's',
              operation: 'o',
              parameters: { ids: [{ $ref: 'x' }] },
            },
          },
        ],
      },
      'steps[0].command.parameters.ids[0]',
    ],
    [
      'an order in parallel',
      {
        strategy: { type: 'parallel' },
        steps: [step('a', 'true'), step('b', 'true', { depends_on: ['a'] })],
      },
      'steps[1].depends_on[0]',
    ],
    [
      'a file for the AWS CLI',
      {
        strategy: graph,
        steps: [
          {
            id: 'b',
            command: {
              type: 'aws_cli',
              service: 's',
              operation: 'o',
              parameters: { text: 'file:///etc/passwd' },
            },
          },
        ],
      },
      'steps[0].command.parameters.text',
    ],
  ])('are refused with the path: %s', async (_name, plan, path) => {
    const engine = await testEngine();
    const error = await engine.executePlan(plan).catch((thrown: unknown) => thrown);
    expect(ExecutionError.is(error) && error.code).toBe('PLAN_INVALID');
    expect(error).toMatchObject({ details: { path } });
    expect(await engine.list()).toEqual([]);
  });

  it('are refused where a shell line or a field is no such thing', async () => {
    const engine = await testEngine();
    for (const plan of [
      {
        strategy: graph,
        steps: [{ id: 'a', command: { type: 'shell', command: { $ref: 'parameters.x' } } }],
      },
      { strategy: graph, steps: [{ id: 'a', command: sh('true'), whenn: 'always' }] },
      { strategy: graph, steps: [] },
      { strategy: { type: 'other' }, steps: [step('a', 'true')] },
    ]) {
      // Wrong on purpose: what arrives over a network has no types.
      const untyped: Plan = JSON.parse(JSON.stringify(plan));
      await expect(engine.executePlan(untyped)).rejects.toMatchObject({ code: 'PLAN_INVALID' });
    }
  });
});
