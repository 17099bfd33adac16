import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually, nodeCommand, sh, testEngine } from '../engine.ts';

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
