import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeAws, type FakeAws } from 'cloudops-fake-aws';
import { expect } from 'vitest';
import { ExecutionEngine } from '../src/index.ts';
import type { AwsCliCommand, ExecutionRequest, ExecutionResult } from '../src/index.ts';
import { outcomeOf, warmUp, wasWarm } from './warm.ts';

/** Two engines at one fake AWS: in `plain` each call is a process of its own, in `warm` a fork of the warm AWS CLI. */
export interface Pair extends AsyncDisposable {
  /** Empty, and the home of all calls; removed at the end. */
  readonly folder: string;
  readonly aws: FakeAws;
  readonly plain: ExecutionEngine;
  readonly warm: ExecutionEngine;
  /** Runs a request both ways, expects both to come to the same, and the warm one to have been a fork. */
  same(request: ExecutionRequest): Promise<ExecutionResult>;
}

export async function startPair(): Promise<Pair> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-warm-'));
  const aws = await startFakeAws();
  // Without a region, so that calls can do without.
  const { AWS_REGION: _region, AWS_DEFAULT_REGION: _default, ...own } = aws.env;
  const engine = (warmCli: 'auto' | 'off') =>
    new ExecutionEngine({
      logDir: join(folder, 'logs'),
      maxConcurrent: 32,
      awsCli: {
        binary: aws.awsBinary,
        endpointUrl: aws.endpointUrl,
        env: { ...own, HOME: folder },
        warmCli,
      },
    });
  const [plain, warm] = [engine('off'), engine('auto')];
  await warmUp(warm, call('sts', 'get-caller-identity'));
  return {
    folder,
    aws,
    plain,
    warm,
    same: async (request) => {
      const [one, other] = await Promise.all([plain.run(request), warm.run(request)]);
      expect(outcomeOf(other)).toEqual(outcomeOf(one));
      expect(await wasWarm(warm, other.id)).toBe(true);
      return one;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([plain.close(), warm.close()]);
      await aws.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** In a region. */
export function call(
  service: string,
  operation: string,
  more: Partial<AwsCliCommand> = {},
  request: Partial<ExecutionRequest> = {},
): ExecutionRequest {
  return bare(service, operation, { region: 'eu-west-1', ...more }, request);
}

export function bare(
  service: string,
  operation: string,
  more: Partial<AwsCliCommand> = {},
  request: Partial<ExecutionRequest> = {},
): ExecutionRequest {
  return { command: { type: 'aws_cli', service, operation, ...more }, ...request };
}
