import { describe, expect, it } from 'vitest';
import { FakeAwsError } from '../../src/errors.ts';
import { faultRegistry } from '../../src/faults/faults.ts';
import type { FaultRule } from '../../src/faults/rule.ts';
import type { AwsCall } from '../../src/proxy/call.ts';

const call: AwsCall = {
  service: 'ec2',
  operation: 'DescribeInstances',
  region: 'eu-west-1',
  protocol: 'ec2',
  accessKeyId: 'AKIDX',
  parameters: new URLSearchParams(),
};

function pattern(seed: number, rule: FaultRule, calls = 40): string {
  const faults = faultRegistry(seed);
  faults.add(rule);
  return Array.from({ length: calls }, () => (faults.decide(call).effect ? 'x' : '.')).join('');
}

describe('faults', () => {
  it('strike the same calls for the same seed, and about the share asked for', () => {
    const rule: FaultRule = { kind: 'throttle', share: 0.3 };
    expect(pattern(7, rule, 500)).toBe(pattern(7, rule, 500));
    expect(pattern(7, rule, 500)).not.toBe(pattern(8, rule, 500));
    const struck = pattern(7, rule, 500).replaceAll('.', '').length;
    expect(struck).toBeGreaterThan(110);
    expect(struck).toBeLessThan(190);
  });

  it('let the first calls through and stop after the last', () => {
    expect(pattern(1, { kind: 'deny', after: 2, times: 3 }, 8)).toBe('..xxx...');
  });

  it('strike only the calls they are for', () => {
    const faults = faultRegistry(1);
    faults.add({ kind: 'deny', service: 'ec2', operation: 'DescribeVpcs' });
    faults.add({ kind: 'region_disabled', region: 'us-east-1' });
    expect(faults.decide(call).effect).toBeNull();
    expect(faults.decide({ ...call, operation: 'DescribeVpcs' }).effect).toMatchObject({
      error: { code: 'UnauthorizedOperation' },
    });
    expect(faults.decide({ ...call, region: 'us-east-1' }).effect).toMatchObject({
      error: { code: 'AuthFailure' },
    });
  });

  it('add up latencies and let another fault strike as well', () => {
    const faults = faultRegistry(1);
    faults.add({ kind: 'latency', latencyMs: 20 });
    faults.add({ kind: 'latency', latencyMs: 30 });
    const last = faults.add({ kind: 'reset', when: 'after' });
    expect(faults.decide(call)).toEqual({ delayMs: 50, effect: { kind: 'reset', when: 'after' } });
    last.remove();
    expect(faults.decide(call)).toEqual({ delayMs: 50, effect: null });
    expect(last.hits).toBe(1);
    faults.clear();
    expect(faults.decide(call)).toEqual({ delayMs: 0, effect: null });
  });

  it('carry another message where one is given', () => {
    const faults = faultRegistry(1);
    const message = 'with an explicit deny in a service control policy';
    faults.add({ kind: 'deny', message });
    expect(faults.decide(call).effect).toMatchObject({ error: { message } });
  });

  it.each<[string, FaultRule]>([
    ['share', { kind: 'deny', share: 1.5 }],
    ['share', { kind: 'deny', share: Number.NaN }],
    ['after', { kind: 'deny', after: -1 }],
    ['times', { kind: 'deny', times: 0.5 }],
    ['latencyMs', { kind: 'latency', latencyMs: Infinity }],
    ['keepShare', { kind: 'truncate', keepShare: -1 }],
    ['region', { kind: 'region_disabled', region: '' }],
  ])('refuse a wrong %s', (field, rule) => {
    expect(() => faultRegistry(1).add(rule)).toThrow(FakeAwsError);
    expect(() => faultRegistry(1).add(rule)).toThrow(field);
  });
});
