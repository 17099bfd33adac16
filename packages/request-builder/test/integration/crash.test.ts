import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpTransport, RequestBuilder, type BuilderEngine } from '../../src/index.ts';
import { PLAYBOOK_MEDIA_TYPE, PlaybookRequest } from '../../src/protocol.ts';
import { reply, serverThat, smallRequest } from './misbehaving-server.ts';
import { builderWith, playbookFor, printStep, refusal } from './world.ts';

let folder = '';
let storage: StorageService;
let engine: ExecutionEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-crash-'));
  engine = new ExecutionEngine({
    logDir: join(folder, 'logs'),
    awsCli: { binary: await fakeCli() },
  });
  storage = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
  });
});
afterAll(async () => {
  await engine.close({ mode: 'kill' });
  await storage.close();
  await rm(folder, { recursive: true, force: true });
});

/** Stands for the AWS CLI where only the caller's identity is asked: the tests here are about processes, not about AWS. */
async function fakeCli(): Promise<string> {
  const path = join(folder, 'aws');
  const identity = JSON.stringify({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/test',
  });
  await writeFile(path, `#!/bin/sh\necho '${identity}'\n`, { mode: 0o755 });
  return path;
}

describe('a client that is killed while it waits for the answer', () => {
  it('sends the same request with the same key when it comes back', async () => {
    const journalPath = join(folder, 'journal');
    await using server = await serverThat(
      () => {},
      (response, { body }) => {
        const playbook = playbookFor(PlaybookRequest.parse(JSON.parse(body)), {
          steps: [printStep('s1')],
        });
        response.writeHead(200, { 'content-type': PLAYBOOK_MEDIA_TYPE });
        response.end(JSON.stringify(playbook));
      },
    );
    const source = new URL('../../src/index.ts', import.meta.url).href;
    const program = `const { RequestBuilder, httpTransport } = await import(${JSON.stringify(source)});
      const builder = new RequestBuilder({ storage: {}, engine: {}, journalPath: ${JSON.stringify(journalPath)},
        transport: httpTransport({ url: ${JSON.stringify(server.url)} }) });
      await builder.send(${JSON.stringify(smallRequest())});`;
    const child = spawn(
      process.execPath,
      ['--conditions=cloudops-source', '--input-type=module', '-e', program],
      {
        stdio: 'inherit',
      },
    );
    await expect.poll(() => server.seen.length, { timeout: 20_000 }).toBe(1);
    child.kill('SIGKILL');
    await once(child, 'close');

    const builder = new RequestBuilder({
      storage,
      engine,
      journalPath,
      transport: httpTransport({ url: server.url }),
    });
    expect((await builder.send(smallRequest())).kind).toBe('playbook');
    const keys = server.seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it('sends nothing where the journal cannot be written', async () => {
    await using server = await serverThat(reply(200, 'application/json', '{}'));
    const builder = new RequestBuilder({
      storage,
      engine,
      journalPath: join(folder, 'aws', 'below-a-file'),
      transport: httpTransport({ url: server.url }),
    });
    expect((await refusal(builder.send(smallRequest()))).code).toBe('JOURNAL_FAILED');
    expect(server.seen).toHaveLength(0);
  });
});

describe('a run', () => {
  const input = { message: 'wait', conversation_id: 'runs' };
  const approve = (builder: RequestBuilder): Parameters<RequestBuilder['run']>[1] => ({
    approve: (preview) => builder.approve(preview, { by: 'test' }),
  });

  it('that is aborted ends its processes, and is stored as cancelled', async () => {
    const { builder, events } = builderWith({ engine, storage }, () => ({
      steps: [
        { id: 's1', title: 'Wait', command: { type: 'shell', command: 'echo begun; sleep 100' } },
        printStep('s2'),
      ],
    }));
    const controller = new AbortController();
    const asked = builder.ask({ ...input, ...approve(builder), signal: controller.signal });
    await expect
      .poll(() => events.some(({ type }) => type === 'step_output'), { timeout: 20_000 })
      .toBe(true);
    controller.abort();
    const result = await asked;
    if (result.kind !== 'outcome') throw new Error('expected an outcome');
    expect(result.outcome.status).toBe('cancelled');
    expect(result.outcome.steps.map(({ status }) => status)).toEqual(['cancelled', 'skipped']);
    const messages = await storage.chat.recent('runs');
    expect(messages.at(-1)).toMatchObject({ role: 'execution', metadata: { status: 'cancelled' } });
  });

  it('is not touched by a handler that throws, rejects or never settles', async () => {
    let calls = 0;
    const { builder } = builderWith(
      { engine, storage },
      () => ({ steps: [printStep('s1', 'x')] }),
      {
        onEvent: (): Promise<void> => {
          calls += 1;
          if (calls % 3 === 0) throw new Error('handler');
          return calls % 3 === 1 ? Promise.reject(new Error('handler')) : new Promise(() => {});
        },
      },
    );
    const result = await builder.ask(input);
    expect(result).toMatchObject({ kind: 'outcome', outcome: { status: 'completed' } });
    expect(calls).toBeGreaterThan(5);
  });

  it('ends when the caller gives up while somebody is asked for approval', async () => {
    const { builder } = builderWith({ engine, storage }, () => ({
      steps: [{ id: 's1', title: 'x', command: { type: 'shell', command: 'true' } }],
    }));
    const reply = await builder.send(await builder.build(input));
    if (reply.kind !== 'playbook') throw new Error('expected a playbook');
    const preview = await builder.preview(reply.playbook);
    const signal = AbortSignal.timeout(50);
    const run = builder.run(preview, { approve: () => new Promise(() => {}), signal });
    expect((await refusal(run)).code).toBe('ABORTED');
  });

  it('is waited for to its end, also where its events cannot be read', async () => {
    const blind: BuilderEngine = {
      run: engine.run.bind(engine),
      executePlan: engine.executePlan.bind(engine),
      getPlanResult: engine.getPlanResult.bind(engine),
      registerSecret: engine.registerSecret.bind(engine),
      events: () => {
        throw new Error('log unreadable');
      },
    };
    const { builder, events } = builderWith({ engine: blind, storage }, () => ({
      steps: [printStep('s1', 'x')],
    }));
    const result = await builder.ask(input);
    expect(result).toMatchObject({ kind: 'outcome', outcome: { status: 'completed' } });
    expect(events).toContainEqual({
      type: 'warning',
      code: 'EVENTS_LOST',
      message: 'log unreadable',
    });
  });

  it('sees nothing of the host but the variables on the list', async () => {
    process.env['BUILDER_TEST_SECRET'] = 'visible';
    try {
      const { builder } = builderWith({ engine, storage }, () => ({
        steps: [{ id: 's1', title: 'Look', command: { type: 'shell', command: 'env' } }],
      }));
      const result = await builder.ask({ ...input, ...approve(builder) });
      if (result.kind !== 'outcome') throw new Error('expected an outcome');
      expect(result.outcome.steps[0]?.stdout).toContain('PATH=');
      expect(result.outcome.steps[0]?.stdout).not.toContain('BUILDER_TEST_SECRET');
    } finally {
      delete process.env['BUILDER_TEST_SECRET'];
    }
  });

  it('has happened, also where the store fails afterwards', async () => {
    const failing = {
      estate: storage.estate,
      chat: {
        recent: storage.chat.recent.bind(storage.chat),
        appendMany: async (messages: Parameters<typeof storage.chat.appendMany>[0]) => {
          if (messages.some(({ role }) => role === 'execution')) throw new Error('disk full');
          return await storage.chat.appendMany(messages);
        },
      },
    };
    const builder = new RequestBuilder({
      storage: failing,
      engine,
      target: { partition: 'aws', account_id: '123456789012', regions: [] },
      transport: {
        send: async (request) => playbookFor(request, { steps: [printStep('s1')] }),
      },
    });
    const result = await builder.ask(input);
    expect(result).toMatchObject({
      kind: 'outcome',
      outcome: {
        status: 'completed',
        warnings: [{ code: 'STORAGE_FAILED', message: 'disk full' }],
      },
    });
  });
});
