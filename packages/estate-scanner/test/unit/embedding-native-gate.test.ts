import { describe, expect, it } from 'vitest';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { NativeGate } from '../../src/embedding/native-gate.ts';

describe('NativeGate', () => {
  it('lets nobody in once it was stopped', () => {
    const gate = new NativeGate();
    expect(gate.enter()).toBe(true);
    gate.leave();
    expect(gate.stop(0)).toBe(true);
    expect(gate.enter()).toBe(false);
    gate.leave();
    expect(gate.enter()).toBe(false);
  });

  it('says so when the thread is still inside after the time given', () => {
    const gate = new NativeGate();
    gate.enter();
    expect(gate.stop(20)).toBe(false);
  });

  it('waits for a thread that is inside', async () => {
    const gate = new NativeGate();
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const state = new Int32Array(workerData);
      Atomics.store(state, 0, 1);
      parentPort.postMessage('inside');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      Atomics.compareExchange(state, 0, 1, 0);
      Atomics.notify(state, 0);`;
    const worker = new Worker(code, { eval: true, workerData: gate.buffer, execArgv: [] });
    await once(worker, 'message');
    expect(gate.stop(30_000)).toBe(true);
    expect(gate.enter()).toBe(false);
    await once(worker, 'exit');
  });
});
