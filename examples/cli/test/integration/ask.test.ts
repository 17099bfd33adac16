import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startFakeAws, type FakeAws } from 'cloudops-fake-aws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  environmentOf,
  runOnTerminal,
  runProgram,
  startProgram,
  type RunningProgram,
} from '../program.ts';

const TOKEN = 'a-test-token';
const serverMain = join(import.meta.dirname, '../../../server/src/main.ts');

let aws: FakeAws;
let folder: string;
let server: RunningProgram;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-cli-ask-'));
  aws = await startFakeAws();
  await aws.seedEstate({ resources: 40, regions: ['eu-west-1'] });
  server = startProgram(
    [],
    { CLOUDOPS_SERVER_PORT: '0', CLOUDOPS_SERVER_TOKEN: TOKEN },
    serverMain,
  );
  const url = await server.match(/Listening on (http:\S+)\n/);
  env = {
    ...environmentOf(aws),
    CLOUDOPS_HOME: join(folder, 'home'),
    CLOUDOPS_SERVER_URL: url,
    CLOUDOPS_SERVER_TOKEN: TOKEN,
  };
  await runProgram(['scan', '--regions', 'eu-west-1', '--services', 'ec2'], env);
});
afterAll(async () => {
  server.kill('SIGTERM');
  await server.ended;
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

/** State of the instances whose name begins so, asked of AWS itself. */
async function statesOf(prefix: string): Promise<string[]> {
  const { PATH = '', HOME = '' } = process.env;
  const { stdout } = await promisify(execFile)(
    aws.awsBinary,
    [
      'ec2',
      'describe-instances',
      `--filters=Name=tag:Name,Values=${prefix}*`,
      '--query=Reservations[].Instances[].State.Name',
      '--output=json',
    ],
    { env: { PATH, HOME, ...aws.env } },
  );
  return JSON.parse(stdout);
}

it('shows a playbook, saves it, and runs nothing that nobody approved', async () => {
  const file = join(folder, 'playbook.json');
  const dry = await runProgram(
    ['ask', 'stop', 'the', 'checkout', 'api', 'servers', '--dry-run', '--save', file],
    env,
  );
  expect(dry.code).toBe(0);
  expect(dry.stdout).toMatch(/\$ aws ec2 stop-instances .*--region eu-west-1/);
  expect(dry.stdout).toMatch(/destructive: ec2:StopInstances has access level Write/);

  const refused = await runProgram(['run', '--playbook', file], env);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('pass --yes');
  expect(new Set(await statesOf('checkout-api-prod'))).toEqual(new Set(['running']));

  const { playbook, request } = JSON.parse(await readFile(file, 'utf8'));
  playbook.steps[1].command.parameters['instance-ids'] = ['i-0123456789abcdef0'];
  await writeFile(file, JSON.stringify({ playbook, request }));
  const forged = await runProgram(['run', '--playbook', file, '--yes'], env);
  expect(forged.code).toBe(4);
  expect(forged.stderr).toMatch(/policy forbids/i);
});

it('runs what is approved, streams it, and knows the new state', async () => {
  const message = ['stop', 'the', 'checkout', 'web', 'servers', 'in', 'production'];
  const { code, stdout } = await runProgram(['ask', ...message, '--yes'], env);
  expect(code).toBe(0);
  expect(stdout).toMatch(/stop-instances-eu-west-1 │ i-[0-9a-f]{17} {2}running {2}stopping/);
  expect(stdout).toContain('The playbook completed: 3 of 3 steps');
  expect(new Set(await statesOf('checkout-web-prod'))).toEqual(new Set(['stopped']));

  const logs = await runProgram(['logs', '--json', '--limit', '3'], env);
  const commands = JSON.parse(logs.stdout).executions.map(
    (one: { command: string }) => one.command,
  );
  // The steps, newest first, and none of the calls of the scan.
  expect(commands).toEqual([
    expect.stringMatching(/ ec2 wait instance-stopped /),
    expect.stringMatching(/ ec2 stop-instances /),
    expect.stringMatching(/ ec2 describe-instances /),
  ]);

  const again = await runProgram(['ask', ...message, '--yes', '--json'], env);
  expect(again.code).toBe(4);
  expect(JSON.parse(again.stdout).clarification.text).toMatch(/stopped when last seen/);
});

it('asks at a terminal, and takes only a yes for a yes', async () => {
  const args = ['ask', 'reboot', 'the', 'bastion', 'server'];
  const terminal = { columns: 100, pattern: '\\[y/N\\]' };
  const no = await runOnTerminal(args, env, { ...terminal, answer: 'maybe\r' });
  expect(no.code).toBe(4);
  expect(no.stdout).toContain('Not approved; nothing was run.');
  const stopped = await runOnTerminal(args, env, { ...terminal, answer: '\u0003' });
  expect(stopped.code).toBe(130);
  expect(aws.counts()['ec2:RebootInstances']).toBeUndefined();
  const yes = await runOnTerminal(args, env, { ...terminal, answer: 'y\r' });
  expect(yes.code).toBe(0);
  expect(aws.counts()['ec2:RebootInstances']).toBe(1);
});

it('passes a question of the server on', async () => {
  const { code, stdout } = await runProgram(['ask', 'delete', 'the', 'bastion', 'server'], env);
  expect(code).toBe(4);
  expect(stdout).toContain('I do not know how to “delete”');
});

it('says what to do where the token is wrong or nobody answers', async () => {
  const wrong = await runProgram(['ask', 'list the servers'], {
    ...env,
    CLOUDOPS_SERVER_TOKEN: 'not-it',
  });
  expect(wrong.code).toBe(3);
  expect(wrong.stderr).toContain('CLOUDOPS_SERVER_TOKEN');
});
