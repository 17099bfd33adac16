import { describe, expect, it } from 'vitest';
import type { ExecutionEngine } from '../../src/index.ts';
import { sh, testEngine } from '../engine.ts';

describe('calls with options that are none', () => {
  it.each<[string, keyof ExecutionEngine, unknown[]]>([
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
  ])('are refused: %s', async (_name, method, args) => {
    const engine = await testEngine();
    const { id } = await engine.run({ command: sh('echo hi') });
    const given = args.map((arg) => (arg === 'ID' ? id : arg));
    // What is called from JavaScript has no types.
    const call = async (): Promise<unknown> => Reflect.apply(Object(engine[method]), engine, given);
    await expect(call()).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(await engine.readLogs(id)).toBe('hi\n');
  });
});
