import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { ExecutionEngine, ExecutionResult } from '../../src/index.ts';
import { allEvents, sh, testEngine } from '../engine.ts';

/** The bound is 64 MiB: these are more. */
const RUNS = 70;

const MEBIBYTE = sh('head -c 1100000 /dev/zero | tr "\\0" x; echo; echo "é" >&2');

async function runMany(engine: ExecutionEngine, log: boolean): Promise<ExecutionResult[]> {
  const results: ExecutionResult[] = [];
  for (let run = 0; run < RUNS; run += 1)
    results.push(await engine.run({ command: MEBIBYTE, log }));
  return results;
}

it('results that together hold much output are read back from their logs', async () => {
  const engine = await testEngine();
  const [first, second] = await runMany(engine, true);
  expect(first?.stdout).toContain('bytes left out');
  const id = first?.id ?? '';
  expect(await engine.getResult(id)).toEqual(first);
  expect((await allEvents(engine, id)).at(-1)).toMatchObject({ result: first });
  expect(await engine.cancel(id)).toBe('already_finished');

  await rm(second?.log_path ?? '');
  expect(await engine.getResult(second?.id ?? '')).toEqual({
    ...second,
    stdout: `… ${second?.stdout.length} characters left out …\n`,
    stderr: '… 2 characters left out …\n',
    stdout_truncated: true,
    stderr_truncated: true,
  });
});

it('without a log, the oldest say that their output was let go', async () => {
  const engine = await testEngine();
  const results = await runMany(engine, false);
  const [first] = results;
  const newest = results.at(-1);
  expect(first?.stdout.length).toBeGreaterThan(1_000_000);
  expect(await engine.getResult(first?.id ?? '')).toMatchObject({
    status: 'completed',
    stdout: `… ${first?.stdout.length} characters left out …\n`,
    stdout_truncated: true,
  });
  expect(await engine.getResult(newest?.id ?? '')).toEqual(newest);
});
