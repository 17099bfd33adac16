import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { type FakeAws, startFakeAws } from 'cloudops-fake-aws';
import type { IamOptions } from '../../src/iam/options.ts';

/** A fake AWS, an engine whose CLI talks to it, and what the IAM client needs for it. */
export interface FakeEstate extends AsyncDisposable {
  aws: FakeAws;
  engine: ExecutionEngine;
  iam: IamOptions;
  /** Where the engine writes its logs. */
  logDir: string;
}

/** Starts a fake AWS and an engine for it; logs go to a folder of their own. */
export async function startFakeEstate(): Promise<FakeEstate> {
  const aws = await startFakeAws();
  const logDir = await mkdtemp(join(tmpdir(), 'estate-scanner-'));
  const engine = new ExecutionEngine({
    logDir,
    awsCli: { binary: aws.awsBinary, endpointUrl: aws.endpointUrl, env: aws.env },
  });
  return {
    aws,
    engine,
    logDir,
    iam: {
      endpoint: aws.endpointUrl,
      credentials: {
        accessKeyId: aws.env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: aws.env['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    },
    async [Symbol.asyncDispose]() {
      await engine.close({ mode: 'kill' });
      await aws.close();
      await rm(logDir, { recursive: true, force: true });
    },
  };
}

/** Runs a call of the AWS CLI that the test needs beside the scanner. */
export async function awsCall(
  engine: ExecutionEngine,
  region: string,
  service: string,
  operation: string,
  parameters: object,
  query?: string,
  env: Record<string, string> = {},
): Promise<unknown> {
  const result = await engine.run({
    command: {
      type: 'aws_cli',
      service,
      operation,
      region,
      args: ['--cli-input-json', JSON.stringify(parameters)],
      ...(query !== undefined && { query }),
    },
    env,
  });
  if (result.status !== 'completed') throw new Error(`${service} ${operation}: ${result.stderr}`);
  return result.stdout === '' ? null : JSON.parse(result.stdout);
}
