import { describe, expect, it } from 'vitest';
import type { IamFailure } from '../../src/iam/failure.ts';
import { GroupSimulation } from '../../src/iam/group-simulation.ts';

/** Stands for IAM's limits, which no local endpoint has: what it refuses is said by `refuses`. */
function simulateWith(
  refuses: (actions: readonly string[], arns: readonly string[]) => string | null,
) {
  const calls: { actions: readonly string[]; arns: readonly string[] }[] = [];
  const answered = new Set<string>();
  const failed = new Map<string, IamFailure>();
  return {
    calls,
    answered,
    failed,
    async simulate(actions: readonly string[], arns: readonly string[]) {
      calls.push({ actions, arns });
      await Promise.resolve();
      const name = refuses(actions, arns);
      if (name !== null) throw Object.assign(new Error(`refused ${name}`), { name });
      for (const arn of arns) {
        // `*` is asked only to tell a bad ARN from a bad action.
        if (arn !== '*') for (const action of actions) answered.add(`${action} ${arn}`);
      }
    },
    onFailure(actions: readonly string[], arns: readonly string[], failure: IamFailure) {
      for (const arn of arns) for (const action of actions) failed.set(`${action} ${arn}`, failure);
    },
  };
}

const arns = Array.from({ length: 600 }, (_, i) => `arn:${i}`);

describe('GroupSimulation', () => {
  it('starts with as many ARNs as give a thousand results', async () => {
    const iam = simulateWith(() => null);
    await new GroupSimulation({ actions: ['a', 'b', 'c'], arns }, iam).run();
    expect(iam.calls.map((call) => call.arns.length)).toEqual([333, 267]);
    expect(iam.answered.size).toBe(1_800);
  });

  it('halves batches that IAM finds too large, and remembers the size', async () => {
    const iam = simulateWith((_, asked) => (asked.length > 100 ? 'InvalidInput' : null));
    await new GroupSimulation({ actions: ['a', 'b'], arns }, iam).run();
    expect(iam.answered.size).toBe(1_200);
    expect(iam.failed.size).toBe(0);
    expect(iam.calls.length).toBeLessThan(20);
  });

  it('finds the one ARN that IAM refuses and answers all others', async () => {
    const iam = simulateWith((_, asked) => (asked.includes('arn:77') ? 'InvalidInput' : null));
    await new GroupSimulation({ actions: ['a'], arns }, iam).run();
    expect(iam.answered.size).toBe(599);
    expect(Array.from(iam.failed.keys())).toEqual(['a arn:77']);
    expect(iam.failed.get('a arn:77')?.reason).toBe('invalid');
    expect(iam.calls.length).toBeLessThan(30);
  });

  it('finds the one action that IAM refuses with few calls, and answers all others', async () => {
    const iam = simulateWith((asked) => (asked.includes('ec2:Typo') ? 'InvalidInput' : null));
    const actions = ['a', 'b', 'c', 'ec2:Typo', 'e', 'f', 'g', 'h'];
    await new GroupSimulation({ actions, arns }, iam).run();
    for (const arn of arns) {
      expect(iam.failed.get(`ec2:Typo ${arn}`)?.reason).toBe('invalid');
      expect(iam.answered.has(`a ${arn}`)).toBe(true);
    }
    expect(iam.failed.size).toBe(600);
    expect(iam.calls.length).toBeLessThan(30);
  });

  it('ends when IAM refuses everything', async () => {
    const iam = simulateWith(() => 'InvalidInput');
    await new GroupSimulation({ actions: ['a', 'b'], arns }, iam).run();
    expect(iam.failed.size).toBe(1_200);
    expect(iam.calls.length).toBeLessThan(10);
  });

  it('reports other failures for the batch they happened to, and goes on', async () => {
    const iam = simulateWith((_, asked) => (asked.includes('arn:0') ? 'Throttling' : null));
    await new GroupSimulation({ actions: ['a', 'b'], arns }, iam).run();
    expect(iam.failed.size).toBe(1_000);
    expect(iam.failed.get('a arn:0')?.reason).toBe('throttled');
    expect(iam.answered.size).toBe(200);
  });
});
