import { getEventListeners } from 'node:events';
import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CallGate, CallGates } from '../../src/aws/call-gate.ts';

const { signal } = new AbortController();

/** Sends calls of which AWS answers `capacity` at once and throttles the others. */
async function load(gate: CallGate, calls: number, capacity: number) {
  let running = 0;
  let most = 0;
  let throttled = 0;
  const send = async () => {
    running += 1;
    most = Math.max(most, running);
    const refused = running > capacity;
    await tick();
    running -= 1;
    if (refused) throttled += 1;
    return refused;
  };
  await Promise.all(
    Array.from({ length: calls }, () => gate.run(signal, send, (refused) => refused)),
  );
  return { most, throttled };
}

describe('CallGate', () => {
  it('lets everything through up to its bound while nothing is throttled', async () => {
    const gate = new CallGate(20);
    expect(await load(gate, 100, 100)).toEqual({ most: 20, throttled: 0 });
    expect(gate.limit).toBe(20);
  });

  it('finds how much AWS takes, and stays near it', async () => {
    const gate = new CallGate(64);
    await load(gate, 64, 4);
    expect(gate.limit).toBeLessThan(64);
    await load(gate, 500, 4);
    expect(gate.limit).toBeLessThanOrEqual(6);
    const settled = await load(gate, 500, 4);
    expect(settled.throttled).toBeLessThan(250);
  });

  it('never stops altogether, and opens again when AWS does', async () => {
    const gate = new CallGate(8);
    await load(gate, 50, 0);
    expect(gate.limit).toBe(1);
    await load(gate, 100, 100);
    expect(gate.limit).toBe(8);
  });

  it('lets the next one in when a call fails', async () => {
    const gate = new CallGate(1);
    const failing = gate.run(signal, () => Promise.reject(new Error('no')), Boolean);
    const next = gate.run(
      signal,
      () => Promise.resolve('yes'),
      () => false,
    );
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('lets who waits go when the signal aborts, and leaves no listener', async () => {
    const gate = new CallGate(1);
    const stop = new AbortController();
    let finish: (value: boolean) => void = () => undefined;
    const held = gate.run(
      signal,
      () => new Promise<boolean>((done) => (finish = done)),
      () => false,
    );
    const waits = gate.run(
      stop.signal,
      () => Promise.resolve(true),
      () => false,
    );
    stop.abort();
    await expect(waits).rejects.toMatchObject({ code: 'ABORTED' });
    finish(true);
    expect(await held).toBe(true);
    expect(
      await gate.run(
        signal,
        () => Promise.resolve(1),
        () => false,
      ),
    ).toBe(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('CallGates', () => {
  it('keep services and regions apart', () => {
    const gates = new CallGates(3);
    expect(gates.of('ec2', 'eu-west-1')).toBe(gates.of('ec2', 'eu-west-1'));
    expect(gates.of('ec2', 'eu-west-1')).not.toBe(gates.of('ec2', 'us-east-1'));
    expect(gates.of('ec2', undefined)).not.toBe(gates.of('rds', undefined));
  });
});
