import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExecutionEngine, PlanResult } from '../../src/index.ts';
import type { EngineOptions, Plan } from '../../src/index.ts';
import { allEvents, eventually, linesOf, sh, temporaryFolder, testEngine } from '../engine.ts';
import { startFixture } from '../host.ts';
import { outcome, runPlan, step } from '../plans.ts';

const graph = { type: 'dependency_graph' as const };

/** Starts a plan in a host of its own, and kills that with -9 once `path` is there. */
async function killDuring(plan: Plan, options: EngineOptions, path: string): Promise<string> {
  const host = startFixture('plan-host.mjs', JSON.stringify(options), JSON.stringify(plan));
  const { value } = await host.said[Symbol.asyncIterator]().next();
  await eventually(() => existsSync(path), 20_000);
  const exited = once(host.child, 'exit');
  host.child.kill('SIGKILL');
  await exited;
  return String(value?.id);
}

/** Three steps, of which the second waits until it is let go on, and each says in `ran` that it ran. */
function threeSteps(folder: string): Plan {
  const at = { working_dir: folder };
  return {
    strategy: graph,
    steps: [
      {
        ...step('first', 'echo first >> ran; echo "the output"', at),
        outputs: { text: { from: 'stdout' } },
      },
      {
        ...step(
          'second',
          'echo second >> ran; touch begun; while [ ! -e go ]; do sleep 0.05; done',
          at,
        ),
        depends_on: ['first'],
      },
      {
        ...step('third', 'echo "third $TEXT" >> ran', at),
        depends_on: ['second'],
        env: { TEXT: { $ref: 'steps.first.outputs.text' } },
      },
    ],
  };
}

async function interrupted(onHostDeath: 'keep' | 'kill') {
  const folder = await temporaryFolder();
  const options: EngineOptions = {
    logDir: join(folder, 'logs'),
    stateDir: join(folder, 'state'),
    killGraceMs: 300,
    onHostDeath,
  };
  const plan = threeSteps(folder);
  const id = await killDuring(plan, options, join(folder, 'begun'));
  const ran = async () => (await readFile(join(folder, 'ran'), 'utf8')).trim().split('\n');
  return { folder, options, plan, id, ran };
}

describe('a plan whose host was killed', () => {
  it('is interrupted and starts nothing by itself; resumed it keeps what was done, and its outputs', async () => {
    const { folder, options, plan, id, ran } = await interrupted('kill');
    await using engine = new ExecutionEngine(options);
    const before = await engine.getPlanResult(id);
    expect(before).toMatchObject({ status: 'failed', error: { code: 'INTERRUPTED' } });
    expect(before.steps[2]).toMatchObject({ status: 'skipped', reason: 'the host died' });
    expect(before.steps[0]).toMatchObject({ outputs: { text: 'the output' } });

    // The same id and body is the same plan, and that has ended.
    expect(await engine.executePlan({ ...plan, id })).toBe(id);
    expect(await engine.getPlanResult(id)).toBe(before);
    // What was interrupted is not run again unless that is asked for.
    const asIs = await engine.getPlanResult(await engine.resumePlan(id));
    expect(outcome(asIs)).toBe('first:completed second:failed third:skipped');
    expect(asIs.steps[1]?.error?.code).toBe('INTERRUPTED');
    expect(await ran()).toEqual(['first', 'second']);

    const resumedId = await engine.resumePlan(id, { rerun: 'interrupted' });
    await engine.run({ command: sh('touch go'), working_dir: folder });
    const resumed = await engine.getPlanResult(resumedId);
    expect(outcome(resumed)).toBe('first:completed second:completed third:completed');
    expect(resumed).toMatchObject({ status: 'completed', resumed_from: id });
    expect(resumed.steps[0]).toMatchObject({ earlier: true, outputs: { text: 'the output' } });
    expect(PlanResult.parse(resumed)).toEqual(resumed);
    expect(await ran()).toEqual(['first', 'second', 'second', 'third the output']);
    const progress = (await allEvents(engine, resumedId)).filter(({ type }) => type === 'progress');
    expect(progress).toMatchObject([
      { completed: 1 },
      { completed: 2 },
      { completed: 3, total: 3 },
    ]);
  });

  it('with keep: a step that still runs is taken over by the resumed plan, and not run twice', async () => {
    const { folder, options, id, ran } = await interrupted('keep');
    await using engine = new ExecutionEngine(options);
    expect(await engine.getStatus(id)).toBe('running');
    const resumedId = await engine.resumePlan(id);
    await engine.run({ command: sh('touch go'), working_dir: folder });
    const resumed = await engine.getPlanResult(resumedId);
    expect(outcome(resumed)).toBe('first:completed second:completed third:completed');
    expect(await ran()).toEqual(['first', 'second', 'third the output']);
    // The one before ended as what it is: broken off, its running step seen to its end.
    expect(outcome(await engine.getPlanResult(id))).toBe(
      'first:completed second:completed third:skipped',
    );
  });

  it('is resumed once more where the host of the resumed plan is killed too', async () => {
    const { folder, options, id, ran } = await interrupted('keep');
    const code = `
      import { ExecutionEngine } from 'cloudops-execution-engine';
      const engine = new ExecutionEngine(${JSON.stringify(options)});
      console.log(await engine.resumePlan(${JSON.stringify(id)}));
      process.kill(process.pid, 'SIGKILL');
    `;
    const outside = await testEngine();
    const { stdout } = await outside.run({
      command: {
        type: 'exec',
        program: process.execPath,
        args: ['--conditions=cloudops-source', '--input-type=module', '-e', code],
      },
      working_dir: join(import.meta.dirname, '..', '..'),
    });
    const resumedId = stdout.trim();
    await using engine = new ExecutionEngine(options);
    const lastId = await engine.resumePlan(resumedId);
    await engine.run({ command: sh('touch go'), working_dir: folder });
    const last = await engine.getPlanResult(lastId);
    expect(outcome(last)).toBe('first:completed second:completed third:completed');
    expect(await ran()).toEqual(['first', 'second', 'third the output']);
  });

  it('has the results of all its steps, also of more than the history holds', async () => {
    const folder = await temporaryFolder();
    const options = {
      logDir: join(folder, 'logs'),
      stateDir: join(folder, 'state'),
      killGraceMs: 300,
      historyLimit: 2,
    };
    const steps = Array.from({ length: 6 }, (_, at) => step(`s${at}`, `echo ${at}`));
    const last = step('last', 'touch begun; sleep 60', { working_dir: folder });
    const plan: Plan = { strategy: { type: 'serial' }, steps: [...steps, last] };
    const id = await killDuring(plan, options, join(folder, 'begun'));
    await using engine = new ExecutionEngine(options);
    const result = await engine.getPlanResult(id);
    expect(result.error?.code).toBe('INTERRUPTED');
    expect(result.steps.map((one) => one.result?.stdout)).toEqual([
      ...steps.map((_, at) => `${at}\n`),
      '',
    ]);
  });

  it('that was cancelled before stays cancelled', async () => {
    const folder = await temporaryFolder();
    const options = { logDir: join(folder, 'logs'), stateDir: join(folder, 'state') };
    const code = `
      import { ExecutionEngine } from 'cloudops-execution-engine';
      const engine = new ExecutionEngine(${JSON.stringify({ ...options, killGraceMs: 300 })});
      const command = (line) => ({ type: 'shell', command: line });
      const id = await engine.executePlan({ strategy: { type: 'serial' }, steps: [
        { id: 'a', command: command('sleep 60') },
        { id: 'end', when: 'always', command: command('sleep 60') },
      ] });
      void engine.cancel(id);
      for await (const event of engine.events(id)) if (event.step_id === 'end') break;
      console.log(id);
      process.kill(process.pid, 'SIGKILL');
    `;
    const outside = await testEngine();
    const { stdout } = await outside.run({
      command: {
        type: 'exec',
        program: process.execPath,
        args: ['--conditions=cloudops-source', '--input-type=module', '-e', code],
      },
      working_dir: join(import.meta.dirname, '..', '..'),
    });
    await using engine = new ExecutionEngine(options);
    expect(await engine.getPlanResult(stdout.trim())).toMatchObject({
      status: 'cancelled',
      error: { code: 'CANCELLED' },
    });
  });
});

describe('a plan that failed', () => {
  it('is resumed behind what completed, and runs the failed steps once more where asked', async () => {
    const engine = await testEngine();
    const folder = await temporaryFolder();
    const at = { working_dir: folder };
    const id = await engine.executePlan({
      strategy: { type: 'serial' },
      steps: [
        step('a', 'echo a >> ran', at),
        step('b', '[ -e mended ]', at),
        step('c', 'echo c >> ran', at),
      ],
    });
    expect((await engine.getPlanResult(id)).status).toBe('failed');
    await engine.run({ command: sh('touch mended'), ...at });
    const kept = await engine.getPlanResult(await engine.resumePlan(id));
    expect(outcome(kept)).toBe('a:completed b:failed c:skipped');
    const named = await engine.getPlanResult(await engine.resumePlan(id, { rerun: ['b'] }));
    expect(outcome(named)).toBe('a:completed b:completed c:completed');
    const resumedId = crypto.randomUUID();
    const options = { rerun: 'failed' as const, id: resumedId };
    expect(await engine.resumePlan(id, options)).toBe(resumedId);
    expect(await engine.resumePlan(id, options)).toBe(resumedId);
    expect(outcome(await engine.getPlanResult(resumedId))).toBe(
      'a:completed b:completed c:completed',
    );
    expect(await readFile(join(folder, 'ran'), 'utf8')).toBe('a\nc\nc\n');
  });

  it('cannot be resumed while it runs, once it has completed, or in steps that it does not have', async () => {
    const engine = await testEngine();
    const running = await engine.executePlan({
      strategy: { type: 'serial' },
      steps: [step('a', 'sleep 60')],
    });
    await expect(engine.resumePlan(running)).rejects.toMatchObject({ code: 'NOT_RESUMABLE' });
    await engine.cancel(running);
    await expect(engine.resumePlan(running, { rerun: ['x'] })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      details: { path: 'rerun[0]' },
    });
    const done = await runPlan(engine, { strategy: graph, steps: [step('a', 'true')] });
    await expect(engine.resumePlan(done.id)).rejects.toMatchObject({ code: 'NOT_RESUMABLE' });
    await expect(engine.resumePlan(crypto.randomUUID())).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('a mended plan', () => {
  const made = {
    ...step('make', `echo '{"id":"i-1","zone":"z"}'`),
    outputs: { id: { from: 'stdout' as const, pointer: '/id' } },
  };

  it('goes on behind the steps that completed, also with an output that the first one did not name', async () => {
    const engine = await testEngine();
    const first = await runPlan(engine, {
      strategy: graph,
      steps: [made, step('use', 'exit 1', { depends_on: ['make'] })],
    });
    const outputs = { ...made.outputs, zone: { from: 'stdout' as const, pointer: '/zone' } };
    const id = await engine.executePlan(
      {
        strategy: graph,
        steps: [
          { ...made, command: sh('echo never >&2; exit 9'), outputs },
          {
            ...step('use', 'echo "$ID in $ZONE"', { depends_on: ['make'] }),
            env: {
              ID: { $ref: 'steps.make.outputs.id' },
              ZONE: { $ref: 'steps.make.outputs.zone' },
            },
          },
        ],
      },
      { earlier: first.steps.filter(({ status }) => status === 'completed') },
    );
    const result = await engine.getPlanResult(id);
    expect(outcome(result)).toBe('make:completed use:completed');
    expect(result.steps[0]).toMatchObject({ earlier: true, execution_id: expect.any(String) });
    expect(linesOf(await allEvents(engine, id))).toEqual(['i-1 in z']);
  });

  it.each([
    ['of no step', { id: 'other', status: 'completed' }, 'earlier[0]'],
    ['that was skipped', { id: 'make', status: 'skipped' }, 'earlier[0]'],
    ['without the output', { id: 'make', status: 'completed' }, 'earlier[0].outputs'],
    ['that is none', { id: 'make', status: 'done' }, 'earlier[0].status'],
  ])('is refused with a result %s', async (_name, result, path) => {
    const engine = await testEngine();
    const plan: Plan = { strategy: graph, steps: [made] };
    // Wrong on purpose: what was read from a file has no types.
    const earlier = JSON.parse(JSON.stringify([result]));
    await expect(engine.executePlan(plan, { earlier })).rejects.toMatchObject({
      code: 'PLAN_INVALID',
      details: { path },
    });
    expect(await engine.list()).toEqual([]);
  });
});
