import { spawn } from 'node:child_process';
import type { FakeAws } from 'cloudops-fake-aws';
import type { Command } from './account.ts';

/**
 * The peer: the same calls of the AWS CLI in a shell loop, `xargs -P`, without a line of this project.
 *
 * @returns seconds
 */
export async function shellLoop(
  aws: FakeAws,
  commands: readonly Command[],
  atOnce: number,
): Promise<number> {
  const lines = commands.map((command) => argvOf(aws, command).map(quoted).join(' '));
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    const child = spawn(
      'xargs',
      ['-P', String(atOnce), '-d', '\n', '-n', '1', 'sh', '-c', 'eval "$0"'],
      {
        env: { ...process.env, ...aws.env },
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    child.once('error', reject);
    child.once('close', () => resolve());
    child.stdin.end(lines.map((line) => `${line} || true\n`).join(''));
  });
  return (performance.now() - start) / 1000;
}

function argvOf(aws: FakeAws, { service, operation, region, query, args = [] }: Command): string[] {
  return [
    aws.awsBinary,
    service,
    operation,
    `--endpoint-url=${aws.endpointUrl}`,
    '--output=json',
    ...(region === undefined ? [] : [`--region=${region}`]),
    ...(query === undefined ? [] : [`--query=${query.replaceAll('\n', ' ')}`]),
    ...args,
  ];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Every n-th command: some of each kind and region. */
export function sampleOf(commands: readonly Command[], size: number): Command[] {
  const step = Math.max(1, Math.floor(commands.length / size));
  return commands.filter((_, index) => index % step === 0);
}
