import { ExecutionEngine } from 'cloudops-execution-engine';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimatingCounter, inProcessTransport, RequestBuilder } from '../../src/index.ts';
import { PlaybookRequest } from '../../src/protocol.ts';
import { ACCOUNT, builderWith, instanceRecord, printStep, refusal, REGION } from './world.ts';

const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
let storage: StorageService;
const engine = new ExecutionEngine();

beforeAll(async () => {
  storage = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
  });
  const ids = Array.from({ length: 150 }, (_, index) => `i-${String(index).padStart(17, '0')}`);
  await storage.estate.upsert(
    ids.map((id, index) => ({
      record: instanceRecord(id, {
        name: `web-${index}`,
        attributes: {
          InstanceType: 't3.medium',
          Environment: { Variables: { DB: 'postgres://app:hunter2secret@db/x' } },
          Note: `password=hunter2secret`,
          api_key: 'short-but-secret',
          Long: 'long '.repeat(1000),
        },
        permissions: {
          principal_arn: 'arn:aws:iam::123456789012:user/operator',
          allowed: ['ec2:StopInstances'],
          denied: ['ec2:TerminateInstances'],
          conditional: [],
          evaluated_at: new Date().toISOString(),
          status: index % 2 === 0 ? 'evaluated' : 'unknown',
        },
      }),
    })),
  );
  const foreign = instanceRecord('i-0foreign', {
    account_id: '222233334444',
    name: 'staging web foreign',
  });
  await storage.estate.upsert([
    { record: { ...foreign, key: '222233334444-eu-west-1-ec2:instance/i-0foreign' } },
  ]);
});
afterAll(async () => {
  await engine.close();
  await storage.close();
});

function builderOf(options: Parameters<typeof builderWith>[2] = {}) {
  return builderWith({ engine, storage }, () => ({ steps: [printStep('s1')] }), options);
}

const input = { message: 'stop the staging web servers', conversation_id: 'build' };

describe('build', () => {
  it('makes a request that validates, of the account alone, within the budget', async () => {
    const request = await builderOf({ tokenBudget: 6000 }).builder.build(input);
    expect(PlaybookRequest.safeParse(JSON.parse(JSON.stringify(request))).success).toBe(true);
    expect(request.resources.length).toBeGreaterThan(3);
    expect(JSON.stringify(request)).not.toContain('222233334444');
    expect(estimatingCounter.count(JSON.stringify(request))).toBeLessThanOrEqual(6000);
    expect(request.metadata.dropped['budget']).toBe(150 - request.resources.length);
    expect(request.resources.map(({ score }) => score)).toEqual(
      request.resources.map(({ score }) => score).sort((a, b) => b - a),
    );
  });

  it('has most resources in brief, and in full what the message names', async () => {
    const message = 'why is i-00000000000000142 staging web so slow?';
    const { resources } = await builderOf().builder.build({ ...input, message });
    const brief = resources.filter(({ omitted }) => omitted?.includes('/attributes'));
    expect(brief.length).toBeGreaterThan(resources.length / 2);
    expect(brief.every(({ fields }) => fields['attributes'] === undefined)).toBe(true);
    expect(resources[0]?.fields['attributes']).toMatchObject({ InstanceType: 't3.medium' });
  });

  it('puts what the message names first', async () => {
    const message = 'why is i-00000000000000142 staging web so slow?';
    const request = await builderOf().builder.build({ ...input, message });
    expect(request.resources[0]?.arn).toMatch(/instance\/i-00000000000000142$/);
  });

  it('masks secrets in message, fields and history, counts them, and says what is missing', async () => {
    const conversation_id = 'secrets';
    await storage.chat.append({
      conversation_id,
      role: 'user',
      content: `my key is AKIAIOSFODNN7EXAMPLE and ${secretKey}`,
    });
    const message = `stop staging web, DB_PASSWORD=hunter2secret \u202eevil`;
    const request = await builderOf().builder.build({ message, conversation_id });
    const text = JSON.stringify(request);
    for (const secret of [
      'hunter2secret',
      'AKIAIOSFODNN7EXAMPLE',
      secretKey,
      'short-but-secret',
      '\u202e',
    ]) {
      expect(text).not.toContain(secret);
    }
    expect(request.metadata.redactions).toMatchObject({
      aws_access_key_id: 1,
      aws_secret_key: 1,
      invisible_characters: 1,
      password: expect.any(Number),
      secret: expect.any(Number),
    });
    expect(request.resources[0]?.omitted).toEqual(
      expect.arrayContaining([
        '/attributes/Environment',
        '/attributes/api_key',
        '/attributes/Long',
      ]),
    );
  });

  it('says what the caller may do, and null where nobody knows', async () => {
    const { resources } = await builderOf().builder.build(input);
    const permissions = resources.map((resource) => resource.permissions);
    expect(permissions).toContainEqual({
      allowed: ['ec2:StopInstances'],
      denied: ['ec2:TerminateInstances'],
    });
    expect(permissions).toContain(null);
  });

  it('leaves history out when it is told to', async () => {
    const { builder } = builderOf({ historyLimit: 0 });
    expect((await builder.build({ ...input, conversation_id: 'secrets' })).history).toEqual([]);
  });

  it('takes custom patterns', async () => {
    const { builder } = builderOf({ redactions: [{ kind: 'ticket', pattern: /TICKET-\d+/g }] });
    const request = await builder.build({ ...input, message: 'see TICKET-4711' });
    expect(request.message.text).toBe('see [redacted:ticket]');
  });

  it('refuses an empty message, one that is too large, and an aborted call', async () => {
    const { builder } = builderOf();
    expect((await refusal(builder.build({ ...input, message: ' ' }))).code).toBe('INVALID_INPUT');
    const message = 'word '.repeat(30_000);
    expect((await refusal(builder.build({ ...input, message }))).code).toBe('OVER_BUDGET');
    const signal = AbortSignal.abort();
    expect((await refusal(builder.build({ ...input, signal }))).code).toBe('ABORTED');
  });

  it.each([
    ['fails', '/bin/false', 'exit'],
    ['is not there', '/no/such/aws', '/no/such/aws'],
  ])(
    'says so when AWS does not tell who the caller is, since the CLI %s',
    async (_how, binary, why) => {
      const unreachable = new ExecutionEngine({ awsCli: { binary } });
      try {
        const { builder } = builderWith({ engine: unreachable, storage }, () => ({ steps: [] }), {
          target: null,
        });
        const error = await refusal(builder.build(input));
        expect(error.code).toBe('IDENTITY_UNKNOWN');
        expect(error.message).toContain(why);
      } finally {
        await unreachable.close();
      }
    },
  );

  it('says STORAGE_FAILED when the store does', async () => {
    const closed = await StorageService.open({
      backend: { kind: 'embedded', path: ':memory:' },
      keys: noEncryption(),
    });
    await closed.close();
    const { builder } = builderWith({ engine, storage: closed }, () => ({ steps: [] }));
    expect((await refusal(builder.build(input))).code).toBe('STORAGE_FAILED');
  });
});

describe('send', () => {
  it('cleans what was put into a request after it was built, and leaves one that is clean as it is', async () => {
    const { builder, requests } = builderOf();
    const request = await builder.build({ ...input, conversation_id: 'cleaned' });
    await builder.send(request);
    expect(requests[0]).toEqual(request);
    const repair = {
      playbook_digest: `sha256:${'0'.repeat(64)}`,
      failed_step: 's1',
      exit_code: 1,
      stderr: 'password=hunter2secret',
      completed: [],
      attempt: 1,
    };
    const edited = {
      ...request,
      request_id: 'edited',
      repair,
      message: { text: `use ${secretKey}` },
    };
    await builder.send(edited);
    expect(JSON.stringify(requests[1])).not.toMatch(/hunter2secret|wJalrXUtnFEMI/);
    expect(requests[1]?.metadata.redactions).toEqual({
      ...request.metadata.redactions,
      aws_secret_key: (request.metadata.redactions['aws_secret_key'] ?? 0) + 1,
      password: (request.metadata.redactions['password'] ?? 0) + 1,
    });
  });

  it('stores question and answer once, also when it is sent twice', async () => {
    const { builder } = builderOf();
    const request = await builder.build({ ...input, conversation_id: 'twice' });
    await builder.send(request);
    await builder.send(request);
    const roles = (await storage.chat.recent('twice')).map(({ role }) => role);
    expect(roles.filter((role) => role === 'user')).toHaveLength(1);
  });

  it('passes a clarification on', async () => {
    const builder = new RequestBuilder({
      storage,
      engine,
      target: { partition: 'aws', account_id: ACCOUNT, regions: [REGION] },
      transport: inProcessTransport({
        plan: async ({ request_id }) => ({
          schema: 'clarification/v1',
          request_id,
          text: 'Which of them?',
          questions: [{ id: 'which', text: 'Staging or production?' }],
        }),
      }),
    });
    const result = await builder.ask({ ...input, conversation_id: 'clarify' });
    expect(result).toMatchObject({
      kind: 'clarification',
      clarification: { text: 'Which of them?' },
    });
    const messages = await storage.chat.recent('clarify');
    expect(messages.map(({ content }) => content)).toEqual([
      input.message,
      'Which of them?\n- Staging or production?',
    ]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', null, 'BAD_RESPONSE'],
    ['something else', { schema: 'poem/v1' }, 'BAD_RESPONSE'],
    [
      'a clarification of another request',
      { schema: 'clarification/v1', request_id: 'x', text: 'x' },
      'CONTEXT_MISMATCH',
    ],
    [
      'a clarification with unknown fields',
      { schema: 'clarification/v1', request_id: 'x', text: 'x', run: 1 },
      'BAD_RESPONSE',
    ],
    ['a newer playbook', { schema: 'playbook/v2' }, 'PROTOCOL_UNSUPPORTED'],
  ])('refuses %s', async (_what, document, code) => {
    const { builder } = builderOf({ transport: { send: async () => document } });
    expect((await refusal(builder.ask(input))).code).toBe(code);
  });
});
