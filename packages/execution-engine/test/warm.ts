import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureAwsTools } from 'cloudops-fake-aws';
import type { ExecutionEngine, ExecutionRequest, ExecutionResult } from '../src/index.ts';
import { impossible, startEnvironment } from '../src/warm-cli/suitable.ts';
import { readProgram } from '../src/warm-cli/program.ts';
import type { CliProgram } from '../src/warm-cli/program.ts';
import { allEvents, fixture } from './engine.ts';

/** The two ways of running the AWS CLI. */
export const WAYS = ['off', 'auto'] as const;

/** The environment of this process, as a request would inherit it. */
export function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}

/** What is behind the `aws` of this machine, or why it cannot be kept warm. */
export async function cliProgram(): Promise<CliProgram | string> {
  const { aws } = await ensureAwsTools();
  return impossible() ?? readProgram(aws, startEnvironment(ownEnvironment()));
}

/** Writes a Python program that a test calls `aws`, run by an interpreter that has the AWS CLI. */
export async function writeAwsProgram(folder: string, more = ''): Promise<string> {
  const program = await cliProgram();
  if (typeof program === 'string') throw new Error(program);
  const path = join(folder, 'aws');
  const text = await readFile(fixture('aws-program.py'), 'utf8');
  await writeFile(path, `#!${program.interpreter}\n${more}${text}`);
  await chmod(path, 0o755);
  return path;
}

/** A request that has {@link writeAwsProgram}'s program do something. */
export function act(name: string, ...args: string[]): ExecutionRequest {
  return { command: { type: 'aws_cli', service: name, operation: 'x', args } };
}

/** Calls until one more was run by the warm CLI. */
export async function warmUp(engine: ExecutionEngine, request: ExecutionRequest): Promise<void> {
  const deadline = Date.now() + 60_000;
  const { warm } = engine.metrics().aws_cli;
  while (engine.metrics().aws_cli.warm === warm) {
    if (Date.now() > deadline) throw new Error(engine.metrics().aws_cli.last_plain_reason ?? '');
    await engine.run(request);
  }
}

/** Whether an execution was run by the warm CLI. */
export async function wasWarm(engine: ExecutionEngine, id: string): Promise<boolean> {
  const events = await allEvents(engine, id);
  return events.some((event) => event.type === 'started' && event.warm === true);
}

/** What of a result must be the same whichever way it was run. */
export function outcomeOf({ error, ...result }: ExecutionResult) {
  const { id: _id, duration: _, duration_ms: _ms, log_path: _path, ...outcome } = result;
  const { started_at: _started, completed_at: _completed, ...rest } = outcome;
  return { ...rest, code: error?.code ?? null };
}
