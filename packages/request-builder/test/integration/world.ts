import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { startFakeAws } from 'cloudops-fake-aws';
import { noEncryption, StorageService, type EstateRecordInput } from 'cloudops-storage-service';
import {
  inProcessTransport,
  RequestBuilder,
  type AskInput,
  type BuilderEngine,
  type BuilderEvent,
  type BuilderStorage,
  type RequestBuilderOptions,
} from '../../src/index.ts';
import {
  contextDigest,
  type Playbook,
  type PlaybookRequest,
  type PlaybookStep,
} from '../../src/protocol.ts';

/** The account that moto pretends to be. */
export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';

/** Real parts: an AWS endpoint on loopback, the AWS CLI, an engine, a store. */
export async function startWorld() {
  const aws = await startFakeAws();
  const folder = await mkdtemp(join(tmpdir(), 'cloudops-builder-'));
  const engine = new ExecutionEngine({
    logDir: join(folder, 'logs'),
    awsCli: { binary: aws.awsBinary, endpointUrl: aws.endpointUrl, env: aws.env },
  });
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
  });
  return {
    aws,
    engine,
    storage,
    folder,
    /** Calls AWS as a user would, and returns what it printed as JSON. */
    async call(service: string, operation: string, parameters = {}): Promise<unknown> {
      const result = await engine.run(
        { command: { type: 'aws_cli', service, operation, parameters, region: REGION } },
        { check: true },
      );
      return result.stdout === '' ? null : JSON.parse(result.stdout);
    },
    async close() {
      await engine.close({ mode: 'kill' });
      await storage.close();
      await aws.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;

/** What a planner makes of a request, apart from what every playbook has. */
export type Draft = Partial<Playbook> & { steps: PlaybookStep[] };

/** A playbook that answers a request, with the given parts. */
export function playbookFor(request: PlaybookRequest, draft: Draft): Playbook {
  return {
    schema: 'playbook/v1',
    playbook_id: 'playbook-1',
    request_id: request.request_id,
    context_digest: contextDigest(request),
    target: request.target,
    summary: 'Does what was asked.',
    expires_at: new Date(Date.now() + 600_000).toISOString(),
    strategy: { type: 'serial' },
    ...draft,
  };
}

/** A builder whose server answers with what `plan` makes of the request, and everything that it told. */
export function builderWith(
  world: { engine: BuilderEngine; storage: BuilderStorage },
  plan: (request: PlaybookRequest) => Draft,
  options: Partial<RequestBuilderOptions> = {},
) {
  const events: BuilderEvent[] = [];
  const requests: PlaybookRequest[] = [];
  const builder = new RequestBuilder({
    storage: world.storage,
    engine: world.engine,
    target: { partition: 'aws', account_id: ACCOUNT, regions: [REGION] },
    onEvent: (event) => events.push(event),
    transport: inProcessTransport({
      plan: async (request) => {
        requests.push(request);
        return playbookFor(request, plan(request));
      },
    }),
    ...options,
  });
  return { builder, events, requests };
}

/** A step that prints its arguments, one after the other. */
export function printStep(id: string, ...args: string[]): PlaybookStep {
  return { id, title: `Print ${id}`, command: { type: 'exec', program: 'echo', args } };
}

/** An instance as a scan stores it. */
export function instanceRecord(
  id: string,
  part: Partial<EstateRecordInput> = {},
): EstateRecordInput {
  return {
    key: `${ACCOUNT}-${REGION}-ec2:instance/${id}`,
    account_id: ACCOUNT,
    region: REGION,
    service: 'ec2',
    resource_type: 'ec2:instance',
    resource_id: `ec2:instance/${id}`,
    arn: `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`,
    name: 'staging-web-1',
    state: 'running',
    tags: { Name: 'staging-web-1', Environment: 'staging' },
    text: 'staging web server staging-web-1 running',
    ...part,
  };
}

/** The way of a `run` or `ask` in which somebody consents to everything. */
export function consent(builder: RequestBuilder): Pick<AskInput, 'approve'> {
  return { approve: (preview) => builder.approve(preview, { by: 'test' }) };
}

/** A step that calls AWS in the region of the tests: `awsStep('ec2 describe-instances', …)`. */
export function awsStep(
  operation: string,
  parameters: Record<string, string | string[]>,
): PlaybookStep {
  const [service = '', name = ''] = operation.split(' ');
  return {
    id: 's1',
    title: operation,
    command: { type: 'aws_cli', service, operation: name, parameters, region: REGION },
  };
}

/** What a promise is rejected with. */
export async function refusal(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string; details: unknown }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'details' in error) {
      return { code: String(error.code), message: error.message, details: error.details };
    }
    throw error;
  }
  throw new Error('it was not refused');
}
