import type { FakeAws } from 'cloudops-fake-aws';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IamOptions } from '../../src/iam/options.ts';
import { PermissionEvaluator } from '../../src/iam/simulate.ts';
import { alice, instance, startIamWorld } from '../support/iam-world.ts';

let aws: FakeAws;
let options: IamOptions;

beforeAll(async () => {
  ({ aws, options } = await startIamWorld());
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.faults.clear();
  aws.resetCounts();
});

describe('what PermissionEvaluator keeps', () => {
  it('makes no call the second time, until the answer has expired', async () => {
    let now = Date.now();
    const evaluator = new PermissionEvaluator(
      { ...options, cacheTtlMs: 60_000 },
      { now: () => now },
    );
    const input = { principalArn: alice, requests: [instance('i-web'), instance('i-prod')] };
    const first = await evaluator.evaluate(input);
    const calls = evaluator.calls;
    expect(await evaluator.evaluate(input)).toEqual(first);
    expect(evaluator.calls).toBe(calls);
    await evaluator.evaluate({ ...input, requests: [...input.requests, instance('i-new')] });
    expect(evaluator.calls).toBe(calls + 1);
    now += 60_001;
    await evaluator.evaluate(input);
    expect(evaluator.calls).toBe(calls + 2);
    evaluator.close();
  });

  it('keeps nothing longer than the credentials live', async () => {
    let now = Date.now();
    const { credentials } = options;
    if (typeof credentials !== 'object') throw new Error('the test gives keys');
    const expiration = new Date(now + 3_600_000);
    const evaluator = new PermissionEvaluator(
      { ...options, cacheTtlMs: 86_400_000, credentials: { ...credentials, expiration } },
      { now: () => now },
    );
    const input = { principalArn: alice, requests: [instance('i-web')] };
    await evaluator.evaluate(input);
    now += 3_600_001;
    await evaluator.evaluate(input);
    expect(evaluator.calls).toBe(2);
    evaluator.close();
  });

  it('does not let a caller change what is cached', async () => {
    const evaluator = new PermissionEvaluator(options);
    const input = { principalArn: alice, requests: [instance('i-web')] };
    const [first] = await evaluator.evaluate(input);
    first?.allowed.push('iam:DeleteUser');
    const [second] = await evaluator.evaluate(input);
    expect(second?.allowed).not.toContain('iam:DeleteUser');
    evaluator.close();
  });
});
