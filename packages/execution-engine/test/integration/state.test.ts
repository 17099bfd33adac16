import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ExecutionEngine } from '../../src/index.ts';
import type { EngineOptions, ExecutionError } from '../../src/index.ts';
import { findByCookie } from '../../src/process/cookie.ts';
import { allEvents, eventually, sh, temporaryFolder, testEngine } from '../engine.ts';
import { startFixture } from '../host.ts';

async function durable(more: EngineOptions = {}): Promise<EngineOptions & { stateDir: string }> {
  const folder = await temporaryFolder();
  const stateDir = join(folder, 'state');
  return { logDir: join(folder, 'logs'), stateDir, killGraceMs: 300, ...more };
}

/** A host that runs one execution per line. */
async function hostWith(lines: string[], options: EngineOptions) {
  const host = startFixture('durable-host.mjs', JSON.stringify(options), JSON.stringify(lines));
  const ids: string[] = [];
  for await (const { id } of host.said) {
    ids.push(id);
    if (ids.length === lines.length) break;
  }
  await eventually(() => findByCookie(new Set(ids)).length >= lines.length, 20_000);
  const exited = once(host.child, 'exit');
  return { ids, host, kill: () => (host.child.kill('SIGKILL'), exited) };
}

/** A program of its own that embeds an engine and says what `code` logs. */
function inProcess(code: string, prefix = ''): string {
  return `${prefix}exec '${process.execPath}' --conditions=cloudops-source --input-type=module -e '
    import { ExecutionEngine } from "cloudops-execution-engine";
    ${code}'`;
}

const packageFolder = join(import.meta.dirname, '..', '..');

describe('a record', () => {
  it('holds nothing of the request once that has ended, and still tells whether its id is used again', async () => {
    const options = await durable();
    const id = crypto.randomUUID();
    const request = {
      id,
      command: sh('cat >/dev/null; echo "$TOKEN"; sleep 0.2 # in-the-command'),
      env: { TOKEN: 'in-the-environment' },
      secrets: ['TOKEN'],
      stdin: 'in-the-input',
      metadata: { kept: 'metadata' },
    };
    const engine = new ExecutionEngine(options);
    await engine.execute(request);
    const path = join(options.stateDir, `${id}.state.json`);
    // Until then the command and its input are needed, but no secret is ever written.
    const before = await readFile(path, 'utf8');
    expect(before).toContain('in-the-command');
    expect(before).not.toContain('in-the-environment');
    await engine.getResult(id);
    await engine.close();
    const record = await readFile(path, 'utf8');
    for (const part of ['environment', 'command', 'input']) {
      expect(record).not.toContain(`in-the-${part}`);
    }
    await using second = new ExecutionEngine(options);
    expect(await second.run({ ...request, retry: null })).toMatchObject({ stdout: '***\n' });
    expect(await second.list()).toMatchObject([{ id, metadata: { kept: 'metadata' } }]);
    const other = { ...request, stdin: 'something else' };
    await expect(second.run(other)).rejects.toMatchObject({ code: 'ID_CONFLICT' });
    const plan = {
      id,
      strategy: { type: 'serial' as const },
      steps: [{ id: 'a', command: sh(':') }],
    };
    await expect(second.executePlan(plan)).rejects.toMatchObject({ code: 'ID_CONFLICT' });
  });

  it('that is damaged, cut off, empty or of another version is reported, and the others are recovered', async () => {
    const options = await durable();
    const first = new ExecutionEngine(options);
    const { id: cut } = await first.run({ command: sh('true') });
    const { id } = await first.run({ command: sh('true') });
    await first.close();
    const place = (name: string) => join(options.stateDir, `${name}.state.json`);
    await truncate(place(cut), 100);
    await writeFile(place('empty'), '');
    await writeFile(place('foreign'), '{"version":2,"kind":"execution"}');
    await writeFile(place('binary'), Buffer.from([0, 255, 254, 1]));
    const record = JSON.parse(await readFile(place(id), 'utf8'));
    const hollow = { ...record, id: crypto.randomUUID(), request: null, result: null };
    await writeFile(place('hollow'), JSON.stringify(hollow));
    await mkdir(place('folder'));
    const problems: ExecutionError[] = [];
    await using second = new ExecutionEngine({
      ...options,
      onProblem: (error) => {
        problems.push(error);
        throw new Error('broken listener');
      },
    });
    expect((await second.list()).map((one) => one.id)).toEqual([id]);
    expect(problems.map(({ code }) => code)).toEqual(problems.map(() => 'STATE_UNREADABLE'));
    expect(problems.map(({ details }) => details.path).toSorted(byText)).toEqual(
      ['binary', cut, 'empty', 'folder', 'foreign', 'hollow'].map(place).toSorted(byText),
    );
    // Nothing is thrown away that a newer version may understand.
    expect(await readdir(options.stateDir)).toContain('foreign.state.json');
  });

  it('that cannot be written fails its execution before anything is started', async () => {
    const options = await durable();
    await using engine = new ExecutionEngine(options);
    await engine.run({ command: sh('true') });
    await rm(options.stateDir, { recursive: true });
    const folder = await temporaryFolder();
    const result = await engine.run({ command: sh('touch ran'), working_dir: folder });
    expect(result).toMatchObject({ status: 'failed', error: { code: 'STATE_WRITE_FAILED' } });
    expect(await readdir(folder)).toEqual([]);
    const planId = await engine.executePlan({
      strategy: { type: 'serial' },
      steps: [{ id: 'a', command: sh('touch ran'), working_dir: folder }],
    });
    expect(await engine.getPlanResult(planId)).toMatchObject({
      error: { code: 'STATE_WRITE_FAILED' },
      steps: [{ status: 'skipped' }],
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('of thousands are read with few descriptors, and none is lost', async () => {
    const options = await durable({ historyLimit: 3000 });
    const first = new ExecutionEngine(options);
    const { id } = await first.run({ command: sh('true') });
    await first.close();
    const record = await readFile(join(options.stateDir, `${id}.state.json`), 'utf8');
    for (let copy = 1; copy < 2000; copy += 1) {
      const other = crypto.randomUUID();
      const path = join(options.stateDir, `${other}.state.json`);
      await writeFile(path, record.replaceAll(id, other));
    }
    const engine = await testEngine();
    const code = `
      const engine = new ExecutionEngine(${JSON.stringify(options)});
      console.log((await engine.list({ limit: 5000 })).length);`;
    const { stdout, stderr } = await engine.run({
      command: sh(inProcess(code, 'ulimit -n 64; ')),
      working_dir: packageFolder,
    });
    expect([stdout, stderr]).toEqual(['2000\n', '']);
  });
});

describe('what a host leaves that was alive when the engine came', () => {
  it('is taken over once it is dead', async () => {
    const options = await durable({ onHostDeath: 'keep', maxConcurrent: 2 });
    const { ids, kill } = await hostWith(['echo "$PASSWORD"; sleep 2; exit 7', 'sleep 2'], options);
    const [id = ''] = ids;
    await using engine = new ExecutionEngine(options);
    const seen: string[] = [];
    engine.withEventHandler({
      onEvent: (event) => {
        if (event.execution_id === id) seen.push(event.type);
      },
    });
    expect(await engine.list()).toEqual([]);
    await kill();
    await eventually(() => seen.includes('started'), 20_000);
    expect(await engine.getResult(id)).toMatchObject({ exit_code: 7, stdout: '***\n' });
    expect(await engine.list()).toHaveLength(2);
    expect((await allEvents(engine, id)).at(-1)?.type).toBe('failed');
  });

  it('is left alone while the host is only suspended', async () => {
    const options = await durable();
    const { ids, host, kill } = await hostWith(['sleep 1; echo done'], options);
    host.child.kill('SIGSTOP');
    await using engine = new ExecutionEngine(options);
    await delay(2500);
    expect(await engine.list()).toEqual([]);
    host.child.kill('SIGCONT');
    // It may have been stopped before it had written anything.
    await eventually(() => existsSync(join(String(options.logDir), `${ids[0]}.log`)), 20_000);
    let text = '';
    for await (const chunk of engine.followLogs(ids[0] ?? '')) text += chunk.text;
    expect(text).toBe('done\n');
    await kill();
  });

  it('goes to one of several engines that come at the same time', async () => {
    const options = await durable({ onHostDeath: 'keep', maxConcurrent: 8 });
    const lines = Array.from({ length: 6 }, (_, at) => `sleep 3; echo ${at}; exit ${at}`);
    const { ids, kill } = await hostWith(lines, options);
    await kill();
    const outside = await testEngine({ maxConcurrent: 4 });
    const code = `
      const engine = new ExecutionEngine(${JSON.stringify(options)});
      const mine = (await engine.list()).filter(({ status }) => status === "running");
      for (const { id } of mine) {
        const { stdout, exit_code } = await engine.getResult(id);
        console.log(id, stdout.trim(), exit_code);
      }
      await engine.close();`;
    const results = await Promise.all(
      Array.from({ length: 4 }, () =>
        outside.run({ command: sh(inProcess(code)), working_dir: packageFolder }),
      ),
    );
    const said = results.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line !== ''));
    // All of them to one: the keeper of their processes answers to one host.
    expect(results.filter(({ stdout }) => stdout !== '')).toHaveLength(1);
    expect(said.toSorted(byText)).toEqual(
      ids.map((id, at) => `${id} ${at} ${at}`).toSorted(byText),
    );
    expect(results.map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
    expect((await readdir(options.stateDir)).filter((name) => name.includes('claim'))).toEqual([]);
  });
});

describe('two engines on the same folders', () => {
  it('do not disturb one another', async () => {
    const options = await durable();
    await using first = new ExecutionEngine(options);
    await using second = new ExecutionEngine(options);
    const results = await Promise.all(
      [first, second].flatMap((engine) =>
        Array.from({ length: 10 }, (_, at) => engine.run({ command: sh(`echo ${at}`) })),
      ),
    );
    expect(results.map(({ stdout }) => stdout)).toEqual(
      [0, 1].flatMap(() => Array.from({ length: 10 }, (_, at) => `${at}\n`)),
    );
    await first.close();
    expect((await second.run({ command: sh('echo on') })).stdout).toBe('on\n');
  });
});

describe('a clock that is set', () => {
  it.each([
    ['forwards', 3_600_000],
    ['backwards', -3_600_000],
  ])('%s changes no duration and holds nothing up', async (_name, byMs) => {
    const engine = await testEngine();
    const id = await engine.execute({ command: sh('sleep 0.3; sleep 60 & echo hi') });
    for await (const event of engine.events(id)) if (event.type === 'started') break;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const result = await engine.getResult(id);
    expect(result).toMatchObject({ status: 'completed', stdout: 'hi\n' });
    expect(result.duration_ms).toBeGreaterThan(250);
    expect(result.duration_ms).toBeLessThan(60_000);
  });
});

function byText(a: unknown, b: unknown): number {
  return String(a).localeCompare(String(b));
}
