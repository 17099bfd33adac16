import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/index.ts';
import { allEvents, eventually, sh, temporaryFolder, testEngine } from '../engine.ts';
import { outcome, runPlan, step } from '../plans.ts';

describe('serial plans', () => {
  it('run in order and stop at the first failure, but for steps that wait for one', async () => {
    const engine = await testEngine();
    const folder = await temporaryFolder();
    const at = { working_dir: folder };
    const result = await runPlan(engine, {
      strategy: { type: 'serial' },
      steps: [
        step('a', 'echo a >> out', at),
        step('not_needed', 'echo x >> out', { ...at, when: 'failure' }),
        step('b', 'echo b >> out; exit 3', at),
        step('c', 'echo c >> out', at),
        step('mend', 'echo mend >> out', { ...at, when: 'failure' }),
        step('end', 'echo end >> out', { ...at, when: 'always' }),
      ],
    });
    expect(outcome(result)).toBe(
      'a:completed not_needed:skipped b:failed c:skipped mend:completed end:completed',
    );
    expect(result.status).toBe('failed');
    expect(result.steps[3]?.reason).toBe('step b failed');
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe('a\nb\nmend\nend\n');
  });

  it('go on where errors do not stop them, and still count as failed', async () => {
    const engine = await testEngine();
    const result = await runPlan(engine, {
      strategy: { type: 'serial', stop_on_error: false },
      steps: [step('a', 'exit 1'), step('b', 'true'), step('c', 'true', { when: 'failure' })],
    });
    expect(outcome(result)).toBe('a:failed b:completed c:completed');
    expect(result.status).toBe('failed');
  });

  it('complete where the failure was allowed', async () => {
    const engine = await testEngine();
    const result = await runPlan(engine, {
      strategy: { type: 'serial' },
      steps: [step('a', 'exit 1', { allow_failure: true }), step('b', 'true')],
    });
    expect(outcome(result)).toBe('a:failed b:completed');
    expect(result.status).toBe('completed');
  });
});

describe('parallel plans', () => {
  it('fail where a step fails, and run steps for always last', async () => {
    const engine = await testEngine();
    const result = await runPlan(engine, {
      strategy: { type: 'parallel' },
      steps: [
        step('end', 'true', { when: 'always' }),
        step('a', 'exit 1'),
        step('b', 'sleep .2'),
        step('c', 'true', { when: 'failure' }),
      ],
    });
    expect(outcome(result)).toBe('end:completed a:failed b:completed c:completed');
    expect(result.status).toBe('failed');
  });

  it('keep to their own concurrency', async () => {
    const engine = await testEngine({ maxConcurrent: 8 });
    const folder = await temporaryFolder();
    const steps = Array.from({ length: 8 }, (_, index) =>
      step(`s${index}`, 'mkdir lock && sleep .05 && rmdir lock', { working_dir: folder }),
    );
    const strategy = { type: 'parallel' as const, max_concurrency: 1 };
    expect((await runPlan(engine, { strategy, steps })).status).toBe('completed');
  });
});

describe('graphs', () => {
  it('hand outputs on as one literal value, which no shell reads', async () => {
    const engine = await testEngine();
    const hostile = `{{x}} && touch pwned; $(touch pwned) "'\`touch pwned\``;
    const folder = await temporaryFolder();
    const result = await runPlan(engine, {
      parameters: { word: hostile },
      strategy: { type: 'dependency_graph' },
      steps: [
        {
          id: 'make',
          command: { type: 'exec', program: 'printf', args: ['%s', { $ref: 'parameters.word' }] },
          outputs: { text: { from: 'stdout' }, code: { from: 'exit_code' } },
        },
        {
          id: 'argv',
          depends_on: ['make'],
          working_dir: folder,
          command: {
            type: 'exec',
            program: 'printf',
            args: ['%s', { $ref: 'steps.make.outputs.text' }],
          },
        },
        {
          id: 'env',
          depends_on: ['argv'],
          working_dir: folder,
          command: sh('printf %s "$WORD$CODE"'),
          env: {
            WORD: { $ref: 'steps.make.outputs.text' },
            CODE: { $ref: 'steps.make.outputs.code' },
          },
        },
        {
          id: 'stdin',
          depends_on: ['make'],
          working_dir: folder,
          command: sh('cat'),
          stdin: { $ref: 'steps.make.outputs.text' },
        },
      ],
    });
    expect(result.steps.map((one) => one.result?.stdout)).toEqual([
      hostile,
      hostile,
      `${hostile}0`,
      hostile,
    ]);
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it('read outputs by JSON Pointer, and say what is wrong with them', async () => {
    const engine = await testEngine();
    const json = sh(`echo '{"a/b":[{"id":7}]}'`);
    const result = await runPlan(engine, {
      strategy: { type: 'dependency_graph', on_failure: 'continue' },
      steps: [
        { id: 'good', command: json, outputs: { id: { from: 'stdout', pointer: '/a~1b/0/id' } } },
        { id: 'missing', command: json, outputs: { id: { from: 'stdout', pointer: '/a~1b/1' } } },
        { id: 'no_json', command: sh('echo hi'), outputs: { id: { from: 'stdout', pointer: '' } } },
        step('after', 'true', { depends_on: ['missing'] }),
      ],
    });
    expect(result.steps[0]?.outputs).toEqual({ id: 7 });
    expect(result.steps.map((one) => one.error?.code)).toEqual([
      undefined,
      'OUTPUT_INVALID',
      'OUTPUT_INVALID',
      undefined,
    ]);
    expect(result.steps[3]).toMatchObject({ status: 'skipped', reason: 'step missing failed' });
  });

  const failing = (on_failure: 'stop' | 'continue' | 'kill'): Plan => ({
    strategy: { type: 'dependency_graph', on_failure },
    steps: [
      step('bad', 'sleep .3; exit 1'),
      step('after_bad', 'true', { depends_on: ['bad'] }),
      step('long', on_failure === 'kill' ? 'sleep 60' : 'sleep .6'),
      step('after_long', 'true', { depends_on: ['long'] }),
      step('always', 'true', { depends_on: ['after_bad', 'after_long'], when: 'always' }),
    ],
  });

  it.each([
    ['stop', 'bad:failed after_bad:skipped long:completed after_long:skipped always:completed'],
    [
      'continue',
      'bad:failed after_bad:skipped long:completed after_long:completed always:completed',
    ],
    ['kill', 'bad:failed after_bad:skipped long:cancelled after_long:skipped always:completed'],
  ] as const)('on failure %s', async (mode, expected) => {
    const engine = await testEngine();
    const result = await runPlan(engine, failing(mode));
    expect(outcome(result)).toBe(expected);
    expect(result.status).toBe('failed');
  });

  it('of thousands of steps in a chain and side by side end', { timeout: 120_000 }, async () => {
    const engine = await testEngine();
    const steps = Array.from({ length: 3000 }, (_, index) => ({
      ...step(`s${index}`, 'true', { when: 'failure' }),
      depends_on: index === 0 ? [] : [`s${index - 1}`],
    }));
    const result = await runPlan(engine, { strategy: { type: 'dependency_graph' }, steps });
    expect(result.steps.filter((one) => one.status === 'skipped')).toHaveLength(3000);
  });
});

describe('the end of a plan', () => {
  it('by cancel still runs steps for always', async () => {
    const engine = await testEngine();
    const folder = await temporaryFolder();
    const id = await engine.executePlan({
      strategy: { type: 'serial' },
      steps: [
        step('long', 'touch started; sleep 60', { working_dir: folder }),
        step('next', 'true'),
        step('end', 'echo cleaned', { when: 'always' }),
      ],
    });
    await eventually(() => existsSync(join(folder, 'started')));
    expect(await engine.cancel(id)).toBe('cancelled');
    const result = await engine.getPlanResult(id);
    expect(outcome(result)).toBe('long:cancelled next:skipped end:completed');
    expect(result.steps[1]?.reason).toBe('the plan was cancelled');
    expect(await engine.getStatus(id)).toBe('cancelled');
  });

  it('by its timeout is a failure', async () => {
    const engine = await testEngine();
    const result = await runPlan(engine, {
      timeout_ms: 200,
      strategy: { type: 'parallel' },
      steps: [step('a', 'sleep 60'), step('end', 'true', { when: 'always' })],
    });
    expect(outcome(result)).toBe('a:cancelled end:completed');
    expect(result).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' } });
  });

  it('by close is an end to all of it', async () => {
    const engine = await testEngine();
    const id = await engine.executePlan({
      strategy: { type: 'serial' },
      steps: [step('a', 'sleep 60'), step('end', 'sleep 60', { when: 'always' })],
    });
    await engine.close({ mode: 'kill' });
    expect((await engine.getPlanResult(id)).status).toBe('cancelled');
    await expect(engine.execute({ command: sh('true') })).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('events of a plan', () => {
  it('are its own and those of its steps, the last of them its own', async () => {
    const engine = await testEngine();
    const id = await engine.executePlan({
      strategy: { type: 'serial' },
      steps: [step('a', 'echo one'), step('b', 'echo two')],
    });
    const live = await allEvents(engine, id);
    const again = await allEvents(engine, id);
    expect(again).toHaveLength(live.length);
    expect(live.at(-1)).toMatchObject({ type: 'completed', execution_id: id, plan_id: id });
    expect(
      live.flatMap((event) => (event.type === 'stdout' ? `${event.step_id} ${event.line}` : [])),
    ).toEqual(['a one', 'b two']);
    expect(live.filter((event) => event.type === 'progress')).toMatchObject([
      { completed: 1, total: 2 },
      { completed: 2, total: 2 },
    ]);
  });
});
