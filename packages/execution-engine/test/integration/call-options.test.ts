import { describe, expect, it } from 'vitest';
import { ExecutionError } from '../../src/index.ts';
import type { ExecutionEngine } from '../../src/index.ts';
import { sh, testEngine } from '../engine.ts';

describe('calls with options that are none', () => {
  const cases: [string, keyof ExecutionEngine, unknown[]][] = [
    ['a signal', 'run', [{ command: sh(':') }, { signal: 'now' }]],
    ['check', 'run', [{ command: sh(':') }, { check: 1 }]],
    ['no object', 'execute', [{ command: sh(':') }, null]],
    ['from', 'readLogs', ['ID', { from: -1 }]],
    ['limit', 'readLogs', ['ID', { limit: 0.5 }]],
    ['status', 'list', [{ status: 'done' }]],
    ['mode', 'close', [{ mode: 'now' }]],
    ['rerun', 'resumePlan', ['ID', { rerun: 'all' }]],
    ['a surprise', 'list', [{ limits: 1 }]],
    ['a handler', 'withEventHandler', [{}]],
    ['a secret', 'registerSecret', [42]],
  ];

  it('are refused with a code, and change nothing', async () => {
    const engine = await testEngine();
    const { id } = await engine.run({ command: sh('echo hi') });
    const refusals = await Promise.all(
      cases.map(async ([name, method, args]) => {
        const given = args.map((arg) => (arg === 'ID' ? id : arg));
        try {
          // What is called from JavaScript has no types.
          await Reflect.apply(Object(engine[method]), engine, given);
          return [name, 'accepted'];
        } catch (error) {
          return [name, ExecutionError.is(error) ? error.code : error];
        }
      }),
    );
    expect(refusals).toEqual(cases.map(([name]) => [name, 'INVALID_OPTIONS']));
    expect(await engine.readLogs(id)).toBe('hi\n');
    expect(await engine.list()).toHaveLength(1);
  });
});
