import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chmod, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExecutionEngine } from '../../src/index.ts';
import { findByCookie } from '../../src/process/cookie.ts';
import { allEvents, eventually, nodeCommand, sh, temporaryFolder, testEngine } from '../engine.ts';

const openFiles = () => readdirSync('/proc/self/fd').length;

describe('readers that stop half way', () => {
  it('a hundred of them leave no descriptor behind, and hold nothing up', async () => {
    const engine = await testEngine();
    const { id } = await engine.run({ command: nodeCommand('lines.mjs', '20000') });
    const before = openFiles();
    await Promise.all(
      Array.from({ length: 100 }, async (_, stopAt) => {
        let seen = 0;
        for await (const event of engine.events(id)) {
          seen = event.seq;
          if (seen > stopAt * 100) break;
        }
        expect(seen).toBe(stopAt * 100 + 1);
      }),
    );
    await eventually(() => openFiles() <= before + 2);
    const growing = await engine.execute({
      command: sh('for i in 1 2 3; do echo $i; sleep 0.1; done'),
    });
    const readers = Array.from({ length: 50 }, async () => {
      for await (const event of engine.events(growing)) if (event.type === 'stdout') break;
    });
    await Promise.all(readers);
    expect((await engine.getResult(growing)).stdout).toBe('1\n2\n3\n');
  });

  it('aborted ones end at once', async () => {
    const engine = await testEngine();
    const id = await engine.execute({ command: sh('sleep 60') });
    const abort = new AbortController();
    const events = (async () => {
      const seen = [];
      for await (const event of engine.events(id, { signal: abort.signal })) seen.push(event);
      return seen;
    })();
    const logs = (async () => {
      for await (const _ of engine.followLogs(id, { signal: abort.signal }));
      return 'ended';
    })();
    await eventually(() => engine.metrics().running === 1);
    abort.abort();
    expect((await events).length).toBeLessThanOrEqual(1);
    expect(await logs).toBe('ended');
  });
});

describe('a handler that uses the engine it listens to', () => {
  it('may start, cancel and close from inside an event', async () => {
    const engine = await testEngine();
    const done: string[] = [];
    let second = '';
    engine.withEventHandler({
      onEvent: async (event) => {
        if (event.type === 'stdout' && event.line === 'first') {
          second = await engine.execute({ command: sh('echo second; sleep 60') });
        }
        if (event.type === 'stdout' && event.line === 'second') {
          done.push(await engine.cancel(event.execution_id));
        }
        if (event.type === 'cancelled') {
          void engine.close({ mode: 'kill' });
          done.push('closing');
        }
      },
    });
    const { status } = await engine.run({ command: sh('echo first') });
    expect(status).toBe('completed');
    await eventually(() => done.length === 2, 10_000);
    expect(done).toEqual(['cancelled', 'closing']);
    await engine.close();
    expect((await engine.getResult(second)).status).toBe('cancelled');
  });

  it('and waits in it for its own end holds nobody up', async () => {
    const engine = await testEngine({ handlerGraceMs: 200 });
    engine.withEventHandler({
      onEvent: async (event) => {
        await engine.getResult(event.execution_id);
      },
    });
    expect((await engine.run({ command: sh('echo hi') })).stdout).toBe('hi\n');
    await engine.close();
  });
});

describe('close', () => {
  it('while processes are being started leaves none', async () => {
    const engine = await testEngine({ maxConcurrent: 20 });
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => engine.execute({ command: sh('sleep 60') })),
    );
    await Promise.all([
      engine.close({ mode: 'kill' }),
      engine.close({ mode: 'kill' }),
      engine.close(),
    ]);
    const results = await Promise.all(ids.map((id) => engine.getResult(id)));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['cancelled']));
    expect(findByCookie(new Set(ids))).toEqual([]);
    await expect(engine.execute({ command: sh('true') })).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(
      engine.executePlan({ strategy: { type: 'serial' }, steps: [{ id: 'a', command: sh(':') }] }),
    ).rejects.toMatchObject({ code: 'CLOSED' });
    // What it knows it still tells.
    expect(await engine.getStatus(ids[0] ?? '')).toBe('cancelled');
    expect(await allEvents(engine, ids[0] ?? '')).not.toEqual([]);
  });

  it('that drains is hurried by one that kills', async () => {
    const engine = await testEngine();
    const id = await engine.execute({ command: sh('sleep 60') });
    const draining = engine.close();
    await engine.close({ mode: 'kill' });
    await draining;
    expect((await engine.getResult(id)).status).toBe('cancelled');
  });

  it('of an engine that has done nothing starts nothing', async () => {
    const logDir = await temporaryFolder();
    const engine = await testEngine({ logDir });
    await engine.close();
    expect(readdirSync(logDir)).toEqual([]);
  });

  it('of a paused engine ends what waits, with kill', async () => {
    const engine = await testEngine();
    engine.pause();
    const id = await engine.execute({ command: sh('true') });
    const planId = await engine.executePlan({
      strategy: { type: 'parallel' },
      steps: Array.from({ length: 100 }, (_, at) => ({ id: `s${at}`, command: sh('true') })),
    });
    await engine.close({ mode: 'kill' });
    expect(await engine.getStatus(id)).toBe('cancelled');
    const { status, steps } = await engine.getPlanResult(planId);
    expect([status, steps.length]).toEqual(['cancelled', 100]);
  });
});

describe('signals', () => {
  it('asked for twice are listened to twice, and given up one by one', async () => {
    const engine = await testEngine();
    const before = process.listenerCount('SIGUSR2');
    const first = engine.killOnSignals(['SIGUSR2']);
    const second = engine.killOnSignals(['SIGUSR2']);
    first();
    first();
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1);
    second();
    expect(process.listenerCount('SIGUSR2')).toBe(before);
  });
});

describe('input and environment', () => {
  it('of 20 MB is read by one process while another never reads its own', async () => {
    const engine = await testEngine();
    const stdin = 'x'.repeat(20_000_000);
    const [counted, ignored] = await Promise.all([
      engine.run({ command: sh('wc -c'), stdin }),
      engine.run({ command: sh('sleep 1'), stdin, timeout_ms: 30_000 }),
    ]);
    expect(counted.stdout.trim()).toBe('20000000');
    expect(ignored).toMatchObject({ status: 'completed', stdin_truncated: true });
  });

  it('that never ends is ended with its reader', async () => {
    const engine = await testEngine();
    const result = await engine.run({
      command: sh('cat /dev/zero | cat > /dev/null'),
      timeout_ms: 300,
    });
    expect(result.error?.code).toBe('TIMEOUT');
    expect(findByCookie(new Set([result.id]))).toEqual([]);
  });
});

describe('secrets', () => {
  it('ten thousand of them are masked', async () => {
    const engine = await testEngine();
    const secrets = Array.from({ length: 10_000 }, (_, at) => `secret-${at}-${at * 7919}`);
    for (const secret of secrets) engine.registerSecret(secret);
    const result = await engine.run({
      command: sh('cat'),
      stdin: `${secrets.filter((_, at) => at % 100 === 0).join(' ')}\n`,
    });
    expect(result.stdout).toBe(`${Array.from({ length: 100 }, () => '***').join(' ')}\n`);
  });

  it('a key of many lines is masked whole, line by line, and as JSON', async () => {
    const engine = await testEngine();
    const lines = Array.from(
      { length: 20 },
      (_, at) => `MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${at}QqzVt`,
    );
    const key = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join(
      '\n',
    );
    const code =
      'console.log(process.env.KEY); console.log(JSON.stringify({ key: process.env.KEY }))';
    const result = await engine.run({
      command: { type: 'exec', program: process.execPath, args: ['-e', code] },
      env: { KEY: key },
      secrets: ['KEY'],
    });
    const log = await engine.readLogs(result.id);
    for (const text of [result.stdout, log]) {
      expect(lines.filter((line) => text.includes(line))).toEqual([]);
      expect(text).toContain('{"key":"***');
    }
  });
});

describe('a folder for logs', () => {
  async function codeWith(engine: ExecutionEngine) {
    const result = await engine.run({ command: sh('echo hi') });
    expect((await allEvents(engine, result.id)).at(-1)?.type).toBe(result.status);
    return result.error?.code ?? result.status;
  }

  it('that is a link is refused, and so is a file', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'link'));
    expect(await codeWith(await testEngine({ logDir: join(folder, 'link') }))).toBe(
      'LOG_DIR_UNSAFE',
    );
    expect(await codeWith(await testEngine({ logDir: '/etc/passwd' }))).toBe('LOG_DIR_UNSAFE');
    expect(await codeWith(await testEngine({ logDir: '/etc/passwd/below' }))).toBe(
      'LOG_DIR_UNSAFE',
    );
    expect(readdirSync(join(folder, 'real'))).toEqual([]);
  });

  it('that others may write is closed to them', async () => {
    const folder = await temporaryFolder();
    const logDir = join(folder, 'logs');
    await mkdir(logDir);
    await chmod(logDir, 0o777);
    expect(await codeWith(await testEngine({ logDir }))).toBe('completed');
    expect((await stat(logDir)).mode & 0o777).toBe(0o700);
  });

  it('that is removed while a command runs loses nothing in silence', async () => {
    const folder = await temporaryFolder();
    const logDir = join(folder, 'logs');
    const engine = await testEngine({ logDir });
    const id = await engine.execute({
      command: sh('echo before; while [ -e logs ]; do sleep 0.05; done; echo after'),
      working_dir: folder,
    });
    for await (const event of engine.events(id)) if (event.type === 'stdout') break;
    await rm(logDir, { recursive: true });
    const result = await engine.getResult(id);
    // Either all of it is there, or it is said that it is not.
    const isWhole = result.stdout === 'before\nafter\n';
    expect(isWhole || result.error?.code.startsWith('LOG_')).toBe(true);
    // And what comes next finds, or makes, a folder again.
    const next = [await codeWith(engine), await codeWith(engine), await codeWith(engine)];
    expect(next.at(-1)).toBe('completed');
  });
});

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

describe('what is left of a test run', () => {
  it('is no zombie of this process', async () => {
    const engine = await testEngine();
    await Promise.all(
      Array.from({ length: 20 }, () => engine.run({ command: sh('sleep 0.01 &') })),
    );
    await engine.close();
    const zombies = () =>
      execFileSync('ps', ['--ppid', String(process.pid), '-o', 'stat='], { encoding: 'utf8' })
        .split('\n')
        .filter((state) => state.startsWith('Z'));
    // The keeper itself has only just left.
    await eventually(() => zombies().length === 0);
    expect(zombies()).toEqual([]);
  });
});
