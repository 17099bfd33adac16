import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeAws, type FakeAws } from 'cloudops-fake-aws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  environmentOf,
  processesWith,
  runOnTerminal,
  runProgram,
  startProgram,
  type ProgramRun,
} from '../program.ts';

// oxlint-disable-next-line no-control-regex -- escape codes are what is looked for
const ESCAPE = /\u001B/;

let aws: FakeAws;
let folder: string;
/** The environment of a program whose store was filled by one scan. */
let env: Record<string, string>;
let scanned: ProgramRun;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-cli-test-'));
  aws = await startFakeAws();
  await aws.seedEstate({ resources: 40, regions: ['eu-west-1'] });
  env = { ...environmentOf(aws), CLOUDOPS_HOME: join(folder, 'home') };
  scanned = await runProgram(['scan', '--regions', 'eu-west-1'], env);
});
afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

describe('scan', () => {
  it('shows progress in plain lines and a table without escape codes', () => {
    expect(scanned.code).toBe(0);
    expect(scanned.stderr).toMatch(/eu-west-1 ec2: \d+ resources, [\d.]+ s/);
    expect(scanned.stdout).toMatch(/^type +eu-west-1 +total$/m);
    // 40 were seeded; instances bring disks and an image along.
    const total = Number(/^total +(\d+) +\1$/mu.exec(scanned.stdout)?.[1]);
    expect(total).toBeGreaterThan(40);
    expect(scanned.stdout).toContain(`${total} resources: ${total} new`);
    expect(scanned.stdout + scanned.stderr).not.toMatch(ESCAPE);
  });

  it('keeps its state in a folder that is the user’s alone', async () => {
    const home = join(folder, 'home');
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    expect(await readdir(home)).toEqual(expect.arrayContaining(['estate.db', 'store.key']));
  });

  it('ends on Ctrl-C with 130 and leaves no process behind', async () => {
    const mark = randomUUID();
    const program = startProgram(['scan', '--regions', 'eu-west-1'], {
      ...env,
      CLOUDOPS_HOME: join(folder, 'interrupted'),
      AWS_EXECUTION_ENV: mark,
    });
    await program.match(/eu-west-1 /);
    program.kill('SIGINT');
    const { code, stderr } = await program.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('Stopping …');
    expect(await processesWith(mark)).toEqual([]);
  });

  it.each([
    [100, true],
    [0, false],
  ])('is live on a terminal of %i columns: %s', async (columns, isLive) => {
    const { code, stdout } = await runOnTerminal(
      ['scan', '--regions', 'eu-west-1', '--services', 'ec2', '--no-embed'],
      { ...env, CLOUDOPS_HOME: join(folder, `terminal-${columns}`) },
      { columns, pattern: 'never', answer: '' },
    );
    expect(code).toBe(0);
    expect(ESCAPE.test(stdout)).toBe(isLive);
    expect(stdout).toMatch(/ec2:instance/);
  });

  it('says what to do where AWS cannot be reached', async () => {
    const { code, stdout, stderr } = await runProgram(['scan', '--regions', 'eu-west-1'], {
      ...env,
      CLOUDOPS_HOME: join(folder, 'unreachable'),
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/Could not connect to the endpoint URL/);
    expect(stderr).toContain('Run "doctor" to see what is missing.');
    expect(stdout + stderr).not.toMatch(/\n +at /);
  });
});

describe('search', () => {
  it('finds the database by what it is for, with what one may do to it', async () => {
    const { code, stdout } = await runProgram(
      ['search', 'production', 'database', 'for', 'checkout', '--limit', '3'],
      env,
    );
    expect(code).toBe(0);
    const [head, first] = stdout.split('\n');
    expect(head).toMatch(/score +name +type +region +you may/);
    expect(first).toMatch(/\d\.\d{3} +checkout-prod\S* +rds:(?:db|cluster) +eu-west-1 +\w+/);
  });

  it('prints one JSON document with --json, narrowed by type', async () => {
    const { stdout } = await runProgram(
      ['search', 'checkout', '--type', 'ec2:instance', '--json', '--mode', 'keyword'],
      env,
    );
    const { results } = JSON.parse(stdout);
    expect(results.length).toBeGreaterThan(0);
    expect(
      results.every((one: { record: { service: string } }) => one.record.service === 'ec2'),
    ).toBe(true);
  });

  it('says that an empty store wants a scan', async () => {
    const { code, stderr } = await runProgram(['search', 'anything'], {
      ...env,
      CLOUDOPS_HOME: join(folder, 'empty'),
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/The store is empty\.\nFill it with "scan"\./);
  });
});

describe('run and logs', () => {
  it('streams a command, ends as it ended, and keeps its log', async () => {
    const own = { ...env, CLOUDOPS_HOME: join(folder, 'run') };
    const script = 'echo out; echo err >&2; exit 3';
    const failed = await runProgram(['run', '--', 'sh', '-c', script], own);
    expect(failed).toMatchObject({ code: 1, stdout: 'out\nerr\n' });
    expect(failed.stderr).toMatch(/failed .*3.* log [0-9a-f-]{36}/);

    const list = await runProgram(['logs', '--json'], own);
    const { executions } = JSON.parse(list.stdout);
    expect(executions).toMatchObject([{ status: 'failed', exit_code: 3 }]);
    const log = await runProgram(['logs', String(executions[0].id).slice(0, 8)], own);
    expect(log).toMatchObject({ code: 0, stdout: 'out\nerr\n' });
  });

  it('ends a command on Ctrl-C', async () => {
    const mark = randomUUID();
    const program = startProgram(['run', '--', 'sh', '-c', `echo ready; sleep 300; : ${mark}`], {
      ...env,
      CLOUDOPS_HOME: join(folder, 'run-interrupted'),
    });
    await program.match(/ready/);
    program.kill('SIGINT');
    expect((await program.ended).code).toBe(130);
    expect(await processesWith(mark)).toEqual([]);
  });

  it('takes no path for an id', async () => {
    const { code, stderr } = await runProgram(['logs', '../store.key'], env);
    expect(code).toBe(2);
    expect(stderr).toContain('is no id');
  });
});

describe('doctor', () => {
  it('finds everything in place, but no server', async () => {
    const { code, stdout } = await runProgram(['doctor', '--json'], env);
    const { healthy, checks } = JSON.parse(stdout);
    expect(
      Object.fromEntries(checks.map((c: Record<string, string>) => [c.name, c.status])),
    ).toEqual({
      node: 'ok',
      home: 'ok',
      'aws cli': 'ok',
      credentials: 'ok',
      store: 'ok',
      model: 'ok',
      server: 'warning',
    });
    expect(healthy).toBe(true);
    expect(code).toBe(0);
  });

  it('names what fails and what to do', async () => {
    const { code, stdout } = await runProgram(['doctor', '--server', 'http://127.0.0.1:9'], {
      ...env,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    });
    expect(code).toBe(3);
    expect(stdout).toMatch(/failed +credentials +.*\n +Run "aws configure"/);
    expect(stdout).toMatch(/failed +server +.*\n +See that the server runs/);
  });
});

describe('the command line', () => {
  it.each([
    [['--no-such-option', 'scan'], /unknown option/],
    [['search'], /missing required argument/],
    [['search', 'x', '--limit', '0'], /whole number from 1/],
    [['search', 'x', '--mode', 'magic'], /Allowed choices/],
    [['run'], /either a command or a playbook/],
    [['doctor', '--server', 'not a url'], /is no URL/],
  ])('%j is refused with 2', async (args, message) => {
    const { code, stderr } = await runProgram(args, env);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('explains itself', async () => {
    const { code, stdout } = await runProgram(['--help'], env);
    expect(code).toBe(0);
    for (const command of ['scan', 'search', 'ask', 'run', 'logs', 'doctor']) {
      expect(stdout).toContain(`  ${command}`);
    }
  });

  it('fails in JSON where JSON was asked for', async () => {
    const { code, stdout } = await runProgram(['ask', 'stop everything', '--json'], env);
    expect(code).toBe(3);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'ENVIRONMENT' });
  });
});
