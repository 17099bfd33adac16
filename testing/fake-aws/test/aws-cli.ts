import { spawn } from 'node:child_process';
import type { FakeAws } from '../src/index.ts';

/** How an AWS CLI call ended. */
export interface CliOutcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the real AWS CLI against a fake; one attempt, so that a fault is seen as it is. */
export function runAws(aws: FakeAws, ...args: string[]): Promise<CliOutcome> {
  return new Promise((resolve, reject) => {
    const outcome: CliOutcome = { code: null, stdout: '', stderr: '' };
    const options = ['--endpoint-url', aws.endpointUrl, '--output', 'json'];
    const child = spawn(aws.awsBinary, [...args, ...options], {
      env: { PATH: process.env['PATH'], AWS_MAX_ATTEMPTS: '1', ...aws.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...outcome, code }));
  });
}

/** The same for a call that has to succeed; resolves with its parsed output. */
export async function awsJson(aws: FakeAws, ...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runAws(aws, ...args);
  if (code !== 0) throw new Error(`aws ${args.join(' ')} exited ${code}: ${stderr}`);
  return stdout.trim() === '' ? null : JSON.parse(stdout);
}
