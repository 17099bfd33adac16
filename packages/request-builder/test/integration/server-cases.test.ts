import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpTransport, type BuilderEvent, type HttpTransportOptions } from '../../src/index.ts';
import {
  documentDigest,
  PLAYBOOK_MEDIA_TYPE,
  PlaybookRequest,
  type Playbook,
} from '../../src/protocol.ts';
import { serverThat, type Answer, type Seen } from './misbehaving-server.ts';
import { finish, reset, stream } from './stream-server.ts';
import { builderWith, playbookFor, printStep, refusal } from './world.ts';

let folder = '';
let storage: StorageService;
let engine: ExecutionEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-server-cases-'));
  const binary = join(folder, 'aws');
  // Stands for the AWS CLI where only the caller's identity is asked.
  const identity = { Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/test' };
  await writeFile(binary, `#!/bin/sh\necho '${JSON.stringify(identity)}'\n`, { mode: 0o755 });
  engine = new ExecutionEngine({ logDir: join(folder, 'logs'), awsCli: { binary } });
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

const input = { message: 'print', conversation_id: 'server-cases' };

/** A builder as a process would have it: only what is on disk is shared. */
function clientOf(options: HttpTransportOptions, journalPath: string | null = null) {
  const retry = { initialDelayMs: 1, maxDelayMs: 5 };
  const transport = httpTransport({ retry, ...options });
  return builderWith({ engine, storage }, () => ({ steps: [] }), { transport, journalPath });
}

const planned = ({ body }: Seen): Playbook =>
  playbookFor(PlaybookRequest.parse(JSON.parse(body)), { steps: [printStep('s1', 'hello')] });
const ran = (events: BuilderEvent[]) => events.filter(({ type }) => type === 'step_ended').length;

describe('case 9: a stream that breaks', () => {
  /** Streams that end where they are told to; the playbook is that of the POST. */
  function streams(...ends: [from: number, to: number, how: typeof reset][]): Answer[] {
    let pieces: Parameters<typeof stream>[0] = [];
    return ends.map(([from, to, how]) => (response, seen, request) => {
      if (seen.method === 'POST') {
        const playbook = planned(seen);
        pieces = [
          { id: 1, event: 'accepted', data: { request_id: playbook.request_id } },
          { id: 2, event: 'progress', data: { message: 'looking' } },
          { id: 3, event: 'step.preview', data: { id: 's1', title: 'Print' } },
          { id: 4, event: 'playbook', data: playbook },
          { id: 5, event: 'done', data: { digest: documentDigest(playbook) } },
        ];
      }
      return stream(pieces.slice(from, to), how)(response, seen, request);
    });
  }

  it('after three events is resumed, and the playbook runs once', async () => {
    await using server = await serverThat(...streams([0, 3, reset], [3, 5, finish]));
    const { builder, events } = clientOf({ url: server.url });
    expect(await builder.ask(input)).toMatchObject({ outcome: { status: 'completed' } });
    expect(server.seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(ran(events)).toBe(1);
    const { request_id: id } = PlaybookRequest.parse(JSON.parse(server.seen[0]?.body ?? ''));
    expect(events).toContainEqual({
      type: 'plan_step',
      step_id: 's1',
      title: 'Print',
      request_id: id,
    });
  });

  it('without done is STREAM_INCOMPLETE, and no step ran', async () => {
    await using server = await serverThat(...streams([0, 4, finish], [4, 4, finish]));
    const { builder, events } = clientOf({ url: server.url });
    expect((await refusal(builder.ask(input))).code).toBe('STREAM_INCOMPLETE');
    expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(ran(events)).toBe(0);
  });
});

describe('case 10: a server that finishes after the client gave up, and a client that crashes', () => {
  it('comes to one key, one job and one execution', async () => {
    const journalPath = join(folder, 'journal');
    const jobs = new Map<string, Promise<Playbook>>();
    const answer: Answer = async (response, seen) => {
      const key = String(seen.headers['idempotency-key']);
      const job =
        jobs.get(key) ??
        new Promise<Playbook>((resolve) => {
          setTimeout(() => resolve(planned(seen)), 600);
        });
      jobs.set(key, job);
      const body = JSON.stringify(await job);
      if (response.destroyed) return;
      response.writeHead(200, { 'content-type': PLAYBOOK_MEDIA_TYPE });
      response.end(body);
    };
    await using server = await serverThat(answer);
    const first = clientOf({ url: server.url, deadlineMs: 200 }, journalPath);
    const request = await first.builder.build(input);
    expect(await refusal(first.builder.send(request))).toMatchObject({ code: 'TIMEOUT' });

    // The crash: nothing is left of the first client but the request and the journal.
    const second = clientOf({ url: server.url }, journalPath);
    const reply = await second.builder.send(
      PlaybookRequest.parse(JSON.parse(JSON.stringify(request))),
    );
    if (reply.kind !== 'playbook') throw new Error('expected a playbook');
    const preview = await second.builder.preview(reply.playbook);
    const approval = second.builder.approve(preview, { by: 'test' });
    expect((await second.builder.run(preview, { approval })).status).toBe('completed');
    expect((await refusal(second.builder.run(preview, { approval }))).code).toBe(
      'APPROVAL_INVALID',
    );
    expect([...jobs.keys()]).toHaveLength(1);
    expect(ran(second.events)).toBe(1);
  });
});

it('says what a server can do, and that it speaks another version', async () => {
  const told =
    (protocols: string[]): Answer =>
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ schema: 'capabilities/v1', protocols }));
    };
  await using server = await serverThat(told(['1.0']), told(['2.0']));
  const { builder } = clientOf({ url: server.url });
  expect((await builder.capabilities())?.protocols).toEqual(['1.0']);
  expect((await refusal(builder.capabilities())).code).toBe('PROTOCOL_UNSUPPORTED');
});
