import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutionEngine } from '../../src/index.ts';
import { findByCookie } from '../../src/process/cookie.ts';
import { eventually } from '../engine.ts';
import { WAYS, act, cliProgram, outcomeOf, warmUp, wasWarm, writeAwsProgram } from '../warm.ts';

// A program of the tests stands for the script behind `aws`: what it sees and does is the same whichever way it was started.

const cli = await cliProgram();
const title = typeof cli === 'string' ? `(left out: ${cli})` : '';

let folder: string;
let engines: Readonly<Record<'off' | 'auto', ExecutionEngine>>;

beforeAll(async () => {
  if (typeof cli === 'string') return;
  folder = await mkdtemp(join(tmpdir(), 'engine-warm-'));
  const binary = await writeAwsProgram(folder);
  const engine = (warmCli: 'off' | 'auto') =>
    new ExecutionEngine({
      logDir: join(folder, 'logs'),
      maxConcurrent: 32,
      killGraceMs: 500,
      awsCli: { binary, env: { HOME: folder }, warmCli },
    });
  engines = { off: engine('off'), auto: engine('auto') };
  await warmUp(engines.auto, act('exit', '0'));
});

afterAll(async () => {
  if (typeof cli === 'string') return;
  await Promise.all([engines.off.close(), engines.auto.close()]);
  await rm(folder, { recursive: true });
});

describe.skipIf(typeof cli === 'string')(`a program behind the AWS CLI ${title}`, () => {
  it('sees the same of how it was started', async () => {
    const { off, auto } = engines;
    const request = {
      ...act('tell', 'ü €', '', 'a\nb'),
      env: {
        TZ: 'Asia/Tokyo',
        ODD: 'line\nline € "',
        EMPTY: '',
        TMPDIR: folder,
        SECRET: 'very-secret',
      },
      secrets: ['SECRET'],
      working_dir: folder,
    };
    for (const stdin of [null, 'typed']) {
      const [one, other] = await Promise.all([
        off.run({ ...request, stdin }),
        auto.run({ ...request, stdin }),
      ]);
      expect(one).toMatchObject({ status: 'completed', stderr: '' });
      // The AWS CLI sets this one for itself when it is imported, which this program does not do.
      const without = ({ stdout }: typeof other) =>
        stdout.replace(/,?\n *"AWS_DATA_PATH": .*/u, '');
      expect(without(other)).toBe(without(one));
      expect(one.stdout).toContain('"SECRET": "***"');
      expect(await wasWarm(auto, other.id)).toBe(true);
    }
  });

  it.each([
    ['exit', '0'],
    ['exit', '7'],
    ['exit', '255'],
    ['exit', '256'],
    ['exit', '-1'],
    ['exit-text'],
    ['abort'],
    ['die', '9'],
    ['die', '15'],
    ['die', '2'],
    ['die', '6'],
    ['both'],
    ['flood', '3'],
  ])('ends the same: %s %s', async (name, argument?: string) => {
    const { off, auto } = engines;
    const request = act(name, ...(argument === undefined ? [] : [argument]));
    const [one, other] = [await off.run(request), await auto.run(request)];
    // A traceback names the lines that led there.
    const shown = (result: typeof one) => ({
      ...outcomeOf(result),
      stderr: result.stderr.split('\n').slice(-2),
    });
    expect(shown(other)).toEqual(shown(one));
    expect(await wasWarm(auto, other.id)).toBe(true);
  });
});

describe.skipIf(typeof cli === 'string').each(WAYS)(`a call, with warmCli: %s ${title}`, (way) => {
  it('gets its input, and says whether it was taken', async () => {
    const engine = engines[way];
    const text = 'häßlich €\n'.repeat(200_000);
    expect(
      await engine.run({ ...act('echo'), stdin: text, max_capture_bytes: 8_000_000 }),
    ).toMatchObject({ stdout: text, stdin_truncated: false });
    expect(await engine.run({ ...act('echo'), stdin: '' })).toMatchObject({
      stdout: '',
      stdin_truncated: false,
    });
    expect(await engine.run(act('echo'))).toMatchObject({ stdout: '', stdin_truncated: false });
    expect(await engine.run({ ...act('ignore-input'), stdin: text })).toMatchObject({
      status: 'completed',
      stdin_truncated: true,
    });
  });

  it('is ended by cancel, timeout and silence, with everything it started', async () => {
    const engine = engines[way];
    const asleep = await engine.execute(act('leave-one', 'stay'));
    for await (const event of engine.events(asleep)) if (event.type === 'stdout') break;
    expect(await engine.cancel(asleep)).toBe('cancelled');
    expect(await engine.getResult(asleep)).toMatchObject({
      signal: 'SIGTERM',
      escalated: false,
      survivors: [],
    });
    expect(findByCookie(new Set([asleep]))).toEqual([]);
    expect(await engine.run({ ...act('sleep'), timeout_ms: 300 })).toMatchObject({
      error: { code: 'TIMEOUT' },
      signal: 'SIGTERM',
      stdout: 'asleep\n',
    });
    expect(await engine.run({ ...act('sleep'), idle_timeout_ms: 300 })).toMatchObject({
      error: { code: 'IDLE_TIMEOUT' },
    });
    const deaf = await engine.execute(act('ignore-term'));
    for await (const event of engine.events(deaf)) if (event.type === 'stdout') break;
    await engine.cancel(deaf);
    expect(await engine.getResult(deaf)).toMatchObject({
      signal: 'SIGKILL',
      escalated: true,
      survivors: [],
    });
  });

  it('is found by its execution, like every process', async () => {
    const engine = engines[way];
    const id = await engine.execute(act('sleep'));
    await eventually(() => findByCookie(new Set([id])).length === 1);
    expect(await engine.cancel(id)).toBe('cancelled');
    expect(findByCookie(new Set([id]))).toEqual([]);
  });

  it('runs 40 at once, and puts their outputs where they belong', async () => {
    const engine = engines[way];
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        engine.run({ ...act('echo'), stdin: `own ${index}` }),
      ),
    );
    expect(results.map(({ stdout }) => stdout)).toEqual(results.map((_, index) => `own ${index}`));
  });
});
