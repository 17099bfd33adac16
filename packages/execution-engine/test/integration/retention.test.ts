import { existsSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExecutionEngine } from '../../src/index.ts';
import { sh, temporaryFolder, testEngine } from '../engine.ts';

describe('retention', () => {
  it('removes the oldest logs at the end, with their records, and what another engine may write stays', async () => {
    const folder = await temporaryFolder();
    const logDir = join(folder, 'logs');
    const options = { logDir, stateDir: join(folder, 'state'), retention: { maxCount: 2 } };
    const engine = new ExecutionEngine(options);
    const ids: string[] = [];
    for (const word of ['a', 'b', 'c', 'd']) {
      const { id, log_path } = await engine.run({ command: sh(`echo ${word}`) });
      const at = new Date(2026, 0, ids.length + 1);
      await utimes(log_path ?? '', at, at);
      ids.push(id);
    }
    await writeFile(join(logDir, 'stranger.log'), 'x');
    await engine.close();
    expect(ids.map((id) => existsSync(join(logDir, `${id}.log`)))).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(existsSync(join(logDir, 'stranger.log'))).toBe(true);
    expect(await readdir(options.stateDir)).toEqual([`${ids[3]}.state.json`]);
    await using next = new ExecutionEngine(options);
    expect((await next.list()).map(({ id }) => id)).toEqual([ids[3]]);
  });

  it('takes neither the log of what runs nor those of the steps of a plan that runs', async () => {
    const logDir = await temporaryFolder();
    const engine = await testEngine({ logDir, maxConcurrent: 8, retention: { maxCount: 0 } });
    const folder = await temporaryFolder();
    const wait = sh('echo waiting; while [ ! -e go ]; do sleep 0.02; done; echo over');
    const id = await engine.execute({ command: wait, working_dir: folder });
    const planId = await engine.executePlan({
      strategy: { type: 'serial' },
      steps: [
        { id: 'first', command: sh('echo first') },
        { id: 'second', command: wait, working_dir: folder },
      ],
    });
    for await (const event of engine.events(planId)) if (event.step_id === 'second') break;
    // So many that old logs are looked for while these run.
    await Promise.all(
      Array.from({ length: 120 }, () => engine.run({ command: { type: 'exec', program: 'true' } })),
    );
    await engine.run({ command: sh('touch go'), working_dir: folder });
    await engine.getResult(id);
    expect(await engine.readLogs(id)).toBe('waiting\nover\n');
    const { status, steps } = await engine.getPlanResult(planId);
    expect(status).toBe('completed');
    expect(await engine.readLogs(steps[0]?.execution_id ?? '')).toBe('first\n');
    await engine.close();
    expect((await readdir(logDir)).filter((name) => name.endsWith('.log'))).toEqual([]);
  });
});
