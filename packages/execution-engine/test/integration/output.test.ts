import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  allEvents,
  eventually,
  linesOf,
  nodeCommand,
  sh,
  temporaryFolder,
  testEngine,
} from '../engine.ts';

describe('lines', () => {
  it.each([
    ['a character that is split', ['e2', '82ac0a'], ['€']],
    ['line endings of both kinds, one of them split', ['610d', '0a620d0a'], ['a', 'b']],
    ['a carriage return inside a line', ['3130250d3230250a'], ['10%\r20%']],
    ['NUL', ['6100620a'], ['a\0b']],
    ['a last line without newline', ['610a62'], ['a', 'b']],
    ['what is no UTF-8', ['ff0a'], ['\ufffd']],
    ['empty lines', ['0a0a'], ['', '']],
  ])('keep %s', async (_name, writes, expected) => {
    const engine = await testEngine();
    const result = await engine.run({ command: nodeCommand('write-slowly.mjs', ...writes) });
    const events = await allEvents(engine, result.id);
    expect(linesOf(events)).toEqual(expected);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  });

  it('of 64 MB come as fragments of at most 1 MB', async () => {
    const engine = await testEngine();
    const id = await engine.execute({
      command: sh("head -c 67108864 /dev/zero | tr '\\0' x; echo"),
    });
    let length = 0;
    let longest = 0;
    let whole = 0;
    for await (const event of engine.events(id)) {
      if (event.type !== 'stdout') continue;
      length += event.line.length;
      longest = Math.max(longest, event.line.length);
      if (!event.partial) whole += 1;
    }
    expect(length).toBe(67_108_864);
    expect(longest).toBeLessThanOrEqual(1024 * 1024);
    expect(whole).toBe(1);
  });

  it('of both streams carry their stream', async () => {
    const engine = await testEngine();
    const result = await engine.run({ command: sh('echo out; echo err >&2') });
    const events = await allEvents(engine, result.id);
    expect(linesOf(events)).toEqual(['out']);
    expect(linesOf(events, 'stderr')).toEqual(['err']);
    expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
  });
});

describe('the result', () => {
  it('holds head and tail, and says what is missing', async () => {
    const engine = await testEngine();
    const result = await engine.run({
      command: nodeCommand('lines.mjs', '10000'),
      max_capture_bytes: 100,
    });
    expect(result.stdout_truncated).toBe(true);
    expect(result.stdout.startsWith('line 1\n')).toBe(true);
    expect(result.stdout.endsWith('line 10000\n')).toBe(true);
    expect(result.stdout.length).toBeLessThan(200);
    expect((await engine.readLogs(result.id)).split('\n')).toHaveLength(10_001);
  });

  it('holds the output also where it is kept out of log and events', async () => {
    const logDir = await temporaryFolder();
    const engine = await testEngine({ logDir });
    const result = await engine.run({ command: sh('echo hidden'), log: false });
    expect(result).toMatchObject({ stdout: 'hidden\n', log_path: null });
    expect(await engine.readLogs(result.id)).toBe('');
    expect((await allEvents(engine, result.id)).map((event) => event.type)).toEqual([
      'started',
      'completed',
    ]);
    const { length } = (await readdir(logDir)).filter((name) => /\.(?:log|index)$/u.test(name));
    expect(length).toBe(0);
  });
});

describe('handlers', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('no');
      },
    ],
    ['never settles', () => new Promise<void>(() => {})],
    ['takes 50 ms', () => delay(50)],
  ])('one that %s changes nothing', async (_name, onEvent) => {
    const engine = await testEngine({ handlerGraceMs: 100 });
    let calls = 0;
    const seen: number[] = [];
    engine
      .withEventHandler({
        onEvent: () => {
          calls += 1;
          return onEvent();
        },
      })
      .withEventHandler({
        onEvent: (event) => {
          seen.push(event.seq);
        },
      });
    const result = await engine.run({ command: nodeCommand('lines.mjs', '100000') });
    expect(result).toMatchObject({ status: 'completed', exit_code: 0 });
    expect((await engine.readLogs(result.id)).endsWith('line 100000\n')).toBe(true);
    await eventually(() => seen.length === 100_002, 20_000);
    expect(seen.every((seq, index) => seq === index + 1)).toBe(true);
    expect(calls).toBeGreaterThan(0);
  });

  it('that come after the end get everything from events()', async () => {
    const engine = await testEngine();
    const { id } = await engine.run({ command: nodeCommand('lines.mjs', '50000') });
    await delay(100);
    const events = await allEvents(engine, id);
    expect(linesOf(events)).toHaveLength(50_000);
    expect(events.at(-1)?.type).toBe('completed');
  });

  it('are told to the listener when they fail', async () => {
    const errors: unknown[] = [];
    const engine = await testEngine({ onHandlerError: (error) => errors.push(error) });
    engine.withEventHandler({
      onEvent: () => {
        throw new Error('broken handler');
      },
    });
    await engine.run({ command: sh('echo a') });
    await engine.close();
    expect(errors).toHaveLength(3);
  });
});

describe('logs as text', () => {
  it('are read in parts that never cut a character', async () => {
    const engine = await testEngine();
    const { id } = await engine.run({ command: sh("printf 'a€b€c'") });
    expect(await engine.readLogs(id)).toBe('a€b€c');
    expect(await engine.readLogs(id, { from: 0, limit: 3 })).toBe('a');
    expect(await engine.readLogs(id, { from: 1, limit: 3 })).toBe('€');
    expect(await engine.readLogs(id, { from: 100 })).toBe('');
  });

  it('are followed from any offset to the end', async () => {
    const engine = await testEngine();
    const id = await engine.execute({
      command: nodeCommand('write-slowly.mjs', '61e2', '82ac', '62e2', '82ac'),
    });
    let text = '';
    let next = 0;
    for await (const chunk of engine.followLogs(id)) {
      text += chunk.text;
      next = chunk.next;
    }
    expect(text).toBe('a€b€');
    expect(next).toBe(8);
    let rest = '';
    for await (const chunk of engine.followLogs(id, { from: 4 })) rest += chunk.text;
    expect(rest).toBe('b€');
  });
});

describe('secrets', () => {
  const secret = 'correct-horse/battery+staple é';

  it('are masked in log, events, result, argv and errors, in every form and over every border', async () => {
    const engine = await testEngine();
    const code = `
      const secret = process.env.PASSWORD;
      const forms = [secret, JSON.stringify(secret), encodeURIComponent(secret), Buffer.from('user:' + secret).toString('base64')];
      // One secret across the border of a fragment, and everything in chunks that cut anywhere.
      const text = 'x'.repeat(1048560) + secret + '\\n' + forms.join('\\n') + '\\n';
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 65521) process.stdout.write(bytes.subarray(at, at + 65521));
    `;
    const result = await engine.run({
      command: { type: 'exec', program: process.execPath, args: ['-e', code, secret] },
      env: { PASSWORD: secret },
      secrets: ['PASSWORD'],
      max_capture_bytes: 4_000_000,
    });
    const events = JSON.stringify(await allEvents(engine, result.id));
    const log = await engine.readLogs(result.id);
    for (const place of [events, log, JSON.stringify(result)]) {
      expect(place).not.toContain(secret);
      expect(place).not.toContain('correct-horse');
      expect(place).not.toContain(encodeURIComponent(secret));
      expect(place).not.toContain(Buffer.from(secret).toString('base64').slice(4, 20));
    }
    expect(log.slice(-60).split('\n').slice(1, 4)).toEqual(['***', '"***"', '***']);
    const missing = await engine.run({
      command: { type: 'exec', program: `/no/${secret}` },
      env: { PASSWORD: secret },
      secrets: ['PASSWORD'],
    });
    expect(missing.error?.message).toContain('***');
    expect(missing.error?.message).not.toContain(secret);
  });

  it('registered with the engine are masked in every execution', async () => {
    const engine = await testEngine();
    engine.registerSecret('open-sesame');
    expect((await engine.run({ command: sh('echo say open-sesame') })).stdout).toBe('say ***\n');
  });
});
