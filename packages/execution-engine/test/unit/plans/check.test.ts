import { describe, expect, it } from 'vitest';
import { checkPlan, planIssues } from '../../../src/plans/check.ts';
import type { Plan, PlanStep } from '../../../src/plans/plan.ts';

const step = (id: string, part: Partial<PlanStep> = {}): PlanStep => ({
  id,
  command: { type: 'exec', program: 'echo' },
  ...part,
});
const graph = (...steps: PlanStep[]): Plan => ({ strategy: { type: 'dependency_graph' }, steps });

describe('the issues of a plan', () => {
  it('are none where the engine takes it', () => {
    const outputs = { x: { from: 'stdout' as const } };
    const chain = [step('a', { outputs }), step('b', { depends_on: ['a'] })];
    const last = step('c', { depends_on: ['b'], stdin: { $ref: 'steps.a.outputs.x' } });
    expect(planIssues(graph(...chain, last))).toEqual([]);
  });

  it('have their places as segments, and the error of the engine has the same as text', () => {
    const command = {
      type: 'aws_cli' as const,
      service: 's3api',
      operation: 'put-object',
      parameters: { body: 'file:///etc/passwd', key: { $ref: 'parameters.key' } },
      args: [{ $ref: 'steps.a.outputs.x' }, '--acl=file://x'],
    };
    const plan = graph(step('a', { depends_on: ['z'] }), step('b', { command }));
    expect(planIssues(plan).map(({ path }) => path)).toEqual([
      ['steps', 0, 'depends_on', 0],
      ['steps', 1, 'command', 'parameters', 'body'],
      ['steps', 1, 'command', 'args', 1],
    ]);
    expect(() => checkPlan(plan)).toThrow(
      expect.objectContaining({
        code: 'PLAN_INVALID',
        details: expect.objectContaining({ path: 'steps[0].depends_on[0]' }),
      }),
    );
  });

  it('name where refs stand, however deep', () => {
    const parameters = { Filters: [{ Values: [{ $ref: 'steps.a.outputs.x' }] }] };
    const command = { type: 'aws_cli' as const, service: 'ec2', operation: 'x', parameters };
    const a = step('a', { outputs: { x: { from: 'stdout' } } });
    expect(planIssues(graph(a, step('b', { command })))).toEqual([
      {
        path: ['steps', 1, 'command', 'parameters', 'Filters', 0, 'Values', 0],
        message: 'step b does not depend on step a',
      },
    ]);
  });

  it('say the beginning of a long cycle', () => {
    const steps = Array.from({ length: 1000 }, (_, index) =>
      step(`s${index}`, { depends_on: [`s${(index + 1) % 1000}`] }),
    );
    const [issue] = planIssues(graph(...steps));
    expect(issue?.path).toEqual(['steps', 0, 'depends_on']);
    expect(issue?.message).toMatch(/^a cycle: s0 → s1 → .* → …$/u);
  });
});
