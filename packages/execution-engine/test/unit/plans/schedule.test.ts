import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanStep } from '../../../src/plans/plan.ts';
import type { StepResult } from '../../../src/plans/result.ts';
import { StepSchedule } from '../../../src/plans/schedule.ts';

const command = { type: 'exec' as const, program: 'true' };
const stepOf = (id: string, part: Partial<PlanStep> = {}): PlanStep => ({ id, command, ...part });

/** Runs a schedule to its end, with steps that succeed or fail as told; gives `id:status` in the order of the ends. */
function runThrough(plan: Plan, fails: ReadonlySet<string>, earlier: StepResult[] = []): string[] {
  const ends: string[] = [];
  const schedule = new StepSchedule(
    plan,
    new Map(earlier.map((result) => [result.id, result])),
    ({ id, status }) => ends.push(`${id}:${status}`),
  );
  for (let next = schedule.take(true); next !== null; next = schedule.take(true)) {
    const { id } = next.step;
    schedule.end(next.index, { id, status: fails.has(id) ? 'failed' : 'completed' });
  }
  expect(schedule.isOver).toBe(true);
  return ends;
}

describe('a schedule', () => {
  it('comes to an end for every plan, with each step exactly once and none before what it waits for', () => {
    const strategy = fc.constantFrom<Plan['strategy']>(
      { type: 'serial' },
      { type: 'serial', stop_on_error: false },
      { type: 'parallel' },
      { type: 'parallel', stop_on_error: true },
      { type: 'dependency_graph' },
      { type: 'dependency_graph', on_failure: 'continue' },
      { type: 'dependency_graph', on_failure: 'kill' },
    );
    const part = fc.record({
      when: fc.constantFrom('success' as const, 'failure' as const, 'always' as const),
      allow_failure: fc.boolean(),
      before: fc.array(fc.nat(20), { maxLength: 3 }),
      fails: fc.boolean(),
    });
    fc.assert(
      fc.property(strategy, fc.array(part, { minLength: 1, maxLength: 20 }), (chosen, parts) => {
        const steps = parts.map(({ when, allow_failure, before }, at) => ({
          ...stepOf(`s${at}`, { when, allow_failure }),
          ...(chosen.type === 'dependency_graph' && {
            depends_on: before.filter((other) => other < at).map((other) => `s${other}`),
          }),
        }));
        const fails = new Set(parts.flatMap((one, at) => (one.fails ? [`s${at}`] : [])));
        const ends = runThrough({ strategy: chosen, steps }, fails).map((end) => end.split(':')[0]);
        expect(ends).toHaveLength(steps.length);
        expect(new Set(ends)).toEqual(new Set(steps.map(({ id }) => id)));
        for (const { id, depends_on } of steps) {
          for (const before of depends_on ?? []) {
            expect(ends.indexOf(before)).toBeLessThan(ends.indexOf(id));
          }
        }
      }),
    );
  });

  it('gives a step that ran before what came of it when its turn comes, also behind a failure', () => {
    const plan: Plan = {
      strategy: { type: 'serial' },
      steps: [stepOf('new'), stepOf('old'), stepOf('next')],
    };
    const old: StepResult = { id: 'old', status: 'completed' };
    expect(runThrough(plan, new Set(), [old])).toEqual([
      'new:completed',
      'old:completed',
      'next:completed',
    ]);
    expect(runThrough(plan, new Set(['new']), [old])).toEqual([
      'new:failed',
      'old:completed',
      'next:skipped',
    ]);
  });

  it('of 50,000 steps with room for few is gone through once', () => {
    const steps = Array.from({ length: 50_000 }, (_, at) => stepOf(`s${at}`));
    const schedule = new StepSchedule(
      { strategy: { type: 'parallel' }, steps },
      new Map(),
      () => {},
    );
    const running: number[] = [];
    let taken = 0;
    for (;;) {
      for (let next = schedule.take(running.length < 4); next !== null;) {
        running.push(next.index);
        taken += 1;
        next = schedule.take(running.length < 4);
      }
      const ended = running.shift();
      if (ended === undefined) break;
      schedule.end(ended, { id: `s${ended}`, status: 'completed' });
    }
    expect([taken, schedule.isOver]).toEqual([50_000, true]);
  });
});
