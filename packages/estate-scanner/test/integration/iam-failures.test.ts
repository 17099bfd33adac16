import type { FakeAws } from 'cloudops-fake-aws';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PermissionCache } from '../../src/iam/cache.ts';
import type { IamOptions } from '../../src/iam/options.ts';
import { PermissionEvaluator } from '../../src/iam/simulate.ts';
import {
  account,
  alice,
  instance,
  ofManyTypes,
  simulations,
  ssoRole,
  startIamWorld,
} from '../support/iam-world.ts';

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

describe('PermissionEvaluator where IAM fails', () => {
  it('rejects with ABORTED, before and during a call', async () => {
    const evaluator = new PermissionEvaluator(options);
    const input = { principalArn: alice, requests: [instance('i-web')] };
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(evaluator.evaluate({ ...input, signal })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: { message: 'enough' },
    });
    expect(evaluator.calls).toBe(0);
    aws.faults.add({ service: 'iam', kind: 'latency', latencyMs: 20_000 });
    const controller = new AbortController();
    const work = evaluator.evaluate({ ...input, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(work).rejects.toMatchObject({ code: 'ABORTED' });
    evaluator.close();
  });

  it('answers everything although a third of the calls is throttled, and counts what it repeated', async () => {
    aws.faults.add({ service: 'iam', kind: 'throttle', share: 0.3 });
    const evaluator = new PermissionEvaluator(options);
    const answers = await evaluator.evaluate({ principalArn: alice, requests: ofManyTypes(20) });
    expect(answers.every(({ status }) => status === 'evaluated')).toBe(true);
    expect(evaluator.retries).toBeGreaterThan(0);
    expect(evaluator.calls).toBe(20 + evaluator.retries);
    expect(aws.counts()[simulations]).toBe(evaluator.calls);
    evaluator.close();
  });

  it.each(['reset', 'truncate', 'server_error'] as const)('asks again after a %s', async (kind) => {
    aws.faults.add({ service: 'iam', kind, times: 1 });
    const evaluator = new PermissionEvaluator(options);
    const [answer] = await evaluator.evaluate({
      principalArn: alice,
      requests: [instance('i-web')],
    });
    expect(answer?.status).toBe('evaluated');
    expect(evaluator).toMatchObject({ calls: 2, retries: 1 });
    evaluator.close();
  });

  it('calls it unknown, not denied, where throttling does not end, and asks anew the next time', async () => {
    aws.faults.add({ service: 'iam', kind: 'throttle' });
    const evaluator = new PermissionEvaluator({
      ...options,
      retry: { maxAttempts: 3, initialDelayMs: 1 },
    });
    const input = { principalArn: alice, requests: [instance('i-web')] };
    const [answer] = await evaluator.evaluate(input);
    expect(answer).toMatchObject({ status: 'unknown', denied: [] });
    expect(evaluator.unknown).toMatchObject([
      { reason: 'throttled', code: 'Throttling', resources: 1 },
    ]);
    expect(evaluator.calls).toBe(3);
    aws.faults.clear();
    const [again] = await evaluator.evaluate(input);
    expect(again?.status).toBe('evaluated');
    evaluator.close();
  });

  it.each([
    ['deny', 'denied'],
    ['expire_credentials', 'credentials'],
  ] as const)('calls it unknown on %s, and does not go on asking', async (kind, reason) => {
    aws.faults.add({ service: 'iam', kind });
    const evaluator = new PermissionEvaluator(options);
    const answers = await evaluator.evaluate({ principalArn: alice, requests: ofManyTypes(30) });
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 'unknown', allowed: [], denied: [], conditional: [] });
    }
    expect(evaluator.unknown).toMatchObject([{ reason, resources: 30 }]);
    expect(evaluator.calls).toBeLessThanOrEqual(5);
    evaluator.close();
  });

  it('takes a role to have no path where looking it up is denied', async () => {
    aws.faults.add({ service: 'iam', operation: 'GetRole', kind: 'deny' });
    const evaluator = new PermissionEvaluator(options);
    const requests = [instance('i-web')];
    const sessionOf = (role: string) => `arn:aws:sts::${account}:assumed-role/${role}/session`;
    const [plain] = await evaluator.evaluate({ principalArn: sessionOf('plain'), requests });
    expect(plain).toMatchObject({
      principal_arn: `arn:aws:iam::${account}:role/plain`,
      status: 'evaluated',
    });
    const [deep] = await evaluator.evaluate({ principalArn: sessionOf('deployer'), requests });
    expect(deep?.status).toBe('unknown');
    const [why] = evaluator.unknown;
    expect(why).toMatchObject({
      reason: 'principal_not_found',
      message: expect.stringMatching(/role\/deployer: iam:GetRole is denied, .* allow it/u),
    });
    const [sso] = await evaluator.evaluate({ principalArn: sessionOf(ssoRole), requests });
    expect(sso).toMatchObject({
      principal_arn: `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/${ssoRole}`,
      status: 'evaluated',
    });
    evaluator.close();
  });

  it('keeps no guess of a path for later processes', async () => {
    aws.faults.add({ service: 'iam', operation: 'GetRole', kind: 'deny' });
    const kept = new Map<string, string>();
    const cache: PermissionCache = {
      get: (keys) => Promise.resolve(keys.map(() => null)),
      set: () => Promise.resolve(),
      getRole: (key) => Promise.resolve(kept.get(key) ?? null),
      setRole: (key, arn) => Promise.resolve(void kept.set(key, arn)),
    };
    const principalArn = `arn:aws:sts::${account}:assumed-role/deployer/session`;
    const requests = [instance('i-web')];
    const first = new PermissionEvaluator({ ...options, cache });
    expect((await first.evaluate({ principalArn, requests }))[0]?.status).toBe('unknown');
    first.close();
    expect(kept.size).toBe(0);
    aws.faults.clear();
    const later = new PermissionEvaluator({ ...options, cache });
    expect((await later.evaluate({ principalArn, requests }))[0]?.status).toBe('evaluated');
    expect(kept.size).toBe(1);
    later.close();
  });

  it('calls everything unknown where nobody answers', async () => {
    const evaluator = new PermissionEvaluator({
      ...options,
      endpoint: 'http://127.0.0.1:1',
      retry: { maxAttempts: 2, initialDelayMs: 1 },
    });
    const [answer] = await evaluator.evaluate({ principalArn: alice, requests: [instance('i-1')] });
    expect(answer?.status).toBe('unknown');
    expect(evaluator.unknown).toMatchObject([{ reason: 'unreachable', resources: 1 }]);
    expect(evaluator).toMatchObject({ calls: 2, retries: 1 });
    evaluator.close();
  });

  it('refuses bad options with their path', () => {
    expect(() => new PermissionEvaluator({ concurrency: 6 })).toThrow(/concurrency/u);
  });
});
