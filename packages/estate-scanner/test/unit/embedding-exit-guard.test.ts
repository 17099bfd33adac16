import { describe, expect, it } from 'vitest';
import { guardExit } from '../../src/embedding/exit-guard.ts';
import { NativeGate } from '../../src/embedding/native-gate.ts';

describe('guardExit', () => {
  it('listens once for any number of threads, and no more when they have ended', () => {
    const before = process.listenerCount('exit');
    const ends = Array.from({ length: 12 }, () => guardExit(new NativeGate()));
    expect(process.listenerCount('exit')).toBe(before + 1);
    for (const end of ends) end();
    expect(process.listenerCount('exit')).toBe(before);
  });
});
