import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it } from 'vitest';
import { httpTransport } from '../../src/index.ts';
import {
  Capabilities,
  Clarification,
  contextDigest,
  documentDigest,
  Playbook,
  PlaybookRequest,
} from '../../src/protocol.ts';
import { parseReply } from '../../src/server/reply.ts';
import { someRequest } from '../unit/playbooks.ts';

const page = new URL('../../../../docs/request-builder/protocol.md', import.meta.url);
let text = '';
beforeAll(async () => {
  text = await readFile(page, 'utf8');
});

const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, code = '']) => code,
  );

/** The server of the page, as a program of its own. */
async function startPlanner(token: string) {
  const child = spawn('python3', ['-c', blocks('python')[0] ?? '', token], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(createInterface(child.stdout), 'line');
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('the protocol page', () => {
  it('has documents that follow the protocol', () => {
    const [request = '', playbook = '', clarification = '', capabilities = ''] = blocks('json');
    const asked = PlaybookRequest.parse(JSON.parse(request));
    const digest = contextDigest(asked);
    const answered = Playbook.parse(JSON.parse(playbook.replace('sha256:…', digest)));
    const now = new Date('2026-01-31T09:00:00Z');
    expect(parseReply(answered, asked, now)).toMatchObject({ kind: 'playbook' });
    expect(Clarification.parse(JSON.parse(clarification.replace('…', 'r')))).toBeDefined();
    expect(Capabilities.parse(JSON.parse(capabilities))).toBeDefined();
  });

  it('has the right digest', () => {
    expect(text).toContain(`\n${documentDigest({ b: [1, 'ü'], a: null })}\n`);
  });

  it('has a server in Python that this client can work with', async () => {
    await using planner = await startPlanner('its-token');
    const transport = httpTransport({ url: planner.url, token: 'its-token' });
    const { signal } = new AbortController();
    const send = async (request: PlaybookRequest, idempotencyKey = `${Math.random()}`) =>
      parseReply(
        await transport.send(request, { idempotencyKey, signal, onEvent: () => {} }),
        request,
        new Date(),
      );
    expect((await transport.capabilities({ signal })).protocols).toEqual(['1.0']);
    const [resource] = someRequest().resources;
    if (resource === undefined) throw new Error('expected a resource');
    const fields = {
      ...resource.fields,
      region: 'eu-west-1',
      odd: [0.5, 1, -0, 1234567890, 'é𝄞\n"\\', null, {}],
    };
    const request = someRequest({
      message: { text: 'look at staging-web-1' },
      resources: [{ ...resource, score: 1, fields, omitted: null }],
    });
    expect(await send(request, 'k')).toMatchObject({ kind: 'playbook' });
    await expect(send({ ...request, request_id: 'other' }, 'k')).rejects.toMatchObject({
      code: 'SERVER_PROBLEM',
      details: { problem_code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    const unclear = someRequest({ message: { text: 'do something' } });
    expect(await send(unclear)).toMatchObject({ kind: 'clarification' });
  });
});
