import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { killHost } from '../durability.ts';
import { eventually, sh, temporaryFolder } from '../engine.ts';
import { startFixture } from '../host.ts';
import { ExecutionEngine } from '../../src/index.ts';
import { findByCookie } from '../../src/process/cookie.ts';

const SECRET = 'correct-horse';

/** Everything that lies in a folder, as one text. */
function allText(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? textOf(join(entry.parentPath, entry.name)) : []))
    .join('\n');
}

/** A file may be renamed between the look and the reading. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

it('a secret is on no disk while its execution runs on after its host, and its output is shown with stars', async () => {
  const folder = await temporaryFolder();
  const options = { logDir: `${folder}/logs`, stateDir: `${folder}/state`, onHostDeath: 'keep' };
  const lines = ['echo begun; sleep 1; echo "said $PASSWORD"; exit 3'];
  const host = startFixture('durable-host.mjs', JSON.stringify(options), JSON.stringify(lines));
  const { value } = await host.said[Symbol.asyncIterator]().next();
  const id = String(value?.id);
  await eventually(() => findByCookie(new Set([id])).length > 0, 20_000);
  expect(allText(folder)).not.toContain(SECRET);
  const exited = once(host.child, 'exit');
  host.child.kill('SIGKILL');
  await exited;
  // The keeper writes stars before it leaves.
  await eventually(() => allText(`${folder}/state`).includes('"redacted":true'), 20_000);
  expect(allText(folder)).not.toContain(SECRET);
  await using engine = new ExecutionEngine({ ...options, onHostDeath: 'keep' });
  expect(await engine.getResult(id)).toMatchObject({
    exit_code: 3,
    stdout: `begun\nsaid ${'*'.repeat(SECRET.length)}\n`,
  });
});

it('output whose secrets nobody knows any more is not shown beyond what was logged', async () => {
  const { results } = await killHost(
    ['echo begun; sleep 0.3; echo "said $PASSWORD"; sleep 100'],
    ([id], logOf) => logOf(id).includes('begun'),
    { onHostDeath: 'keep' },
    true,
  );
  expect(results[0]).toMatchObject({ status: 'failed', error: { code: 'INTERRUPTED' } });
  expect(results[0]?.stdout).toMatch(/^(begun\n(said \*\*\*\n)?)?$/u);
});

it('an attempt that a later engine makes is masked by its own values too', async () => {
  process.env['INHERITED'] = SECRET;
  onTestFinished(() => {
    delete process.env['INHERITED'];
  });
  const { results } = await killHost(
    ['echo begun; sleep 1; echo "said $INHERITED"; exit 3'],
    ([id], logOf) => {
      if (!logOf(id).includes('begun')) return false;
      process.env['INHERITED'] = 'battery-staple';
      return true;
    },
    { onHostDeath: 'keep' },
  );
  const said = { attempts: 2, exit_code: 3, stdout: 'begun\nsaid ***\n' };
  expect(results[0]).toMatchObject(said);
});

it('output that is to be in no log is in no record either, and a later engine has none', async () => {
  const folder = await temporaryFolder();
  const options = { logDir: `${folder}/logs`, stateDir: `${folder}/state` };
  const first = new ExecutionEngine(options);
  const request = { command: sh('echo for-the-caller-alone | rev | rev'), log: false };
  const { id, stdout } = await first.run(request);
  expect(stdout).toBe('for-the-caller-alone\n');
  await first.close();
  expect(allText(folder)).not.toContain('for-the-caller-alone\n');
  await using second = new ExecutionEngine(options);
  const kept = { status: 'completed', stdout: '', stdout_truncated: true, stderr_truncated: false };
  expect(await second.getResult(id)).toMatchObject(kept);
});

it('a plan whose next step had a secret is resumed by the engine that knows it, and by no later one', async () => {
  const folder = await temporaryFolder();
  const options = { logDir: `${folder}/logs`, stateDir: `${folder}/state` };
  const first = new ExecutionEngine(options);
  const steps = [
    { id: 'a', command: sh('echo a') },
    { id: 'b', command: sh('exit 1') },
    { id: 'c', command: sh('echo "$TOKEN" | wc -c'), env: { TOKEN: SECRET }, secrets: ['TOKEN'] },
  ];
  const id = await first.executePlan({ strategy: { type: 'serial' }, steps });
  const { steps: ran } = await first.getPlanResult(id);
  expect(allText(folder)).not.toContain(SECRET);
  const resumed = await first.getPlanResult(await first.resumePlan(id));
  expect(resumed.steps[2]).toMatchObject({ status: 'skipped' });
  await first.close();
  await using second = new ExecutionEngine(options);
  await expect(second.resumePlan(id)).rejects.toMatchObject({
    code: 'NOT_RESUMABLE',
    details: { step: 'c', lost: ['TOKEN'] },
  });
  const mended = { strategy: { type: 'serial' as const, stop_on_error: false }, steps };
  const earlier = ran.filter(({ status }) => status === 'completed');
  const anew = await second.getPlanResult(await second.executePlan(mended, { earlier }));
  expect(anew.steps[2]?.result?.stdout.trim()).toBe(String(SECRET.length + 1));
});
