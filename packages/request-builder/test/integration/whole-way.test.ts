import { EstateScanner, type EstateStore } from 'cloudops-estate-scanner';
import type { StorageService } from 'cloudops-storage-service';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { httpTransport, RequestBuilder, type BuilderStorage } from '../../src/index.ts';
import {
  PLAYBOOK_MEDIA_TYPE,
  PlaybookRequest,
  resourceIdOf,
  type ContextResource,
  type PlaybookStep,
} from '../../src/protocol.ts';
import { serverThat } from './misbehaving-server.ts';
import { ACCOUNT, playbookFor, REGION, startWorld, type World } from './world.ts';

describe('the ports', () => {
  it('fit each other: the store of storage-service is the one that the scanner wants', () => {
    expectTypeOf<StorageService['estate']>().toExtend<EstateStore>();
    expectTypeOf<StorageService>().toExtend<BuilderStorage>();
  });
});

describe('from a message to its outcome', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await world.aws.seedEstate({ resources: 24, regions: [REGION], seed: 7 });
  });
  afterAll(async () => {
    await world.close();
  });

  it('scans, asks a server over HTTP, previews, approves, runs, stores and scans again', async () => {
    const { engine, storage, aws } = world;
    const scanner = new EstateScanner({
      engine,
      store: storage.estate,
      iam: { endpoint: aws.endpointUrl, credentials: credentialsOf(aws.env) },
    });
    await scanner.scan({ regions: [REGION], services: ['ec2'] });
    await using server = await serverThat((response, { body }) => {
      const request = PlaybookRequest.parse(JSON.parse(body));
      const running = request.resources.filter(
        ({ type, fields }) => type === 'ec2:instance' && fields['state'] === 'running',
      );
      const playbook = playbookFor(request, {
        strategy: { type: 'dependency_graph' },
        steps: running
          .slice(0, 1)
          .flatMap((resource) => stopSteps(resource.ref, instanceId(resource))),
      });
      response.writeHead(200, { 'content-type': PLAYBOOK_MEDIA_TYPE });
      response.end(JSON.stringify(playbook));
    });
    const seen: string[] = [];
    const builder = new RequestBuilder({
      storage,
      engine,
      scanner,
      transport: httpTransport({ url: server.url, token: 'token-1' }),
      onEvent: (event) => seen.push(event.type),
    });

    const request = await builder.build({
      message: 'stop the running web instances',
      conversation_id: 'whole-way',
    });
    expect(request.target).toMatchObject({ account_id: ACCOUNT, regions: [REGION] });
    expect(request.metadata.budget.used).toBeLessThanOrEqual(request.metadata.budget.limit);

    const reply = await builder.send(request);
    if (reply.kind !== 'playbook') throw new Error('expected a playbook');
    const preview = await builder.preview(reply.playbook);
    expect(preview.risk).toBe('destructive');
    expect(preview.decision).toBe('require_approval');
    expect(preview.steps.map(({ risk }) => risk)).toEqual(['destructive', 'read_only']);
    expect(preview.steps[0]?.grounding.status).toBe('yes');
    expect(preview.steps[0]?.resources[0]?.permissions).toEqual({ 'ec2:StopInstances': 'allowed' });

    aws.resetCounts();
    expect(await refusalCode(builder.run(preview))).toBe('APPROVAL_REQUIRED');
    expect(aws.counts()['ec2:StopInstances']).toBeUndefined();

    const approval = builder.approve(preview, { by: 'somebody' });
    const outcome = await builder.run(preview, { approval });
    expect(outcome.status).toBe('completed');
    expect(aws.counts()['ec2:StopInstances']).toBe(1);
    expect(seen).toEqual(expect.arrayContaining(['run_started', 'step_output', 'run_ended']));

    const keys = outcome.refreshed;
    expect(keys).toHaveLength(1);
    const stored = await storage.estate.get(keys);
    expect(stored.map((record) => record?.state)).toEqual(['stopped']);

    const messages = await storage.chat.recent('whole-way');
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'execution']);
    expect(messages[2]?.content).toContain('completed');

    expect(await refusalCode(builder.run(preview, { approval }))).toBe('APPROVAL_INVALID');
    const next = await builder.build({ message: 'what did you do?', conversation_id: 'whole-way' });
    expect(next.history.map(({ role }) => role)).toEqual(['user', 'assistant', 'execution']);
  });
});

/** Stops an instance and looks at it. */
function stopSteps(ref: string, id: string): PlaybookStep[] {
  const command = { type: 'aws_cli', service: 'ec2', region: REGION } as const;
  return [
    {
      id: `stop_${ref}`,
      title: `Stop ${id}`,
      command: { ...command, operation: 'stop-instances', parameters: { InstanceIds: [id] } },
      resources: [ref],
    },
    {
      id: `look_${ref}`,
      title: `Look at ${id}`,
      command: {
        ...command,
        operation: 'describe-instances',
        parameters: { 'instance-ids': [id] },
      },
      depends_on: [`stop_${ref}`],
      resources: [ref],
    },
  ];
}

function instanceId(resource: ContextResource): string {
  const id = resourceIdOf(resource) ?? '';
  return id.slice(id.indexOf('/') + 1);
}

function credentialsOf(env: Record<string, string>) {
  return {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
}

async function refusalCode(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'not refused';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  }
}
