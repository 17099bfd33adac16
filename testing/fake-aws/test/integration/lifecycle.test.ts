import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startFakeAws } from '../../src/index.ts';
import { awsJson, runAws } from '../aws-cli.ts';

const ownerProgram = fileURLToPath(new URL('../owner.ts', import.meta.url));
const mainProgram = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

function startNode(program: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=cloudops-source', program, ...args], {
    stdio: ['ignore', 'pipe', program === mainProgram ? 'ignore' : 'inherit'],
  });
}

/** A process that has ended and waits for a slow parent to look at it counts as ended. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

async function hasEnded(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 200 && isRunning(pid); attempt += 1) await delay(50);
  return !isRunning(pid);
}

async function output(child: ChildProcess, until: RegExp): Promise<string> {
  let text = '';
  if (child.stdout === null) throw new Error('the child has no stdout');
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (until.test(text)) break;
  }
  return text;
}

describe('startFakeAws', () => {
  it('runs twice at once, each with an account of its own', async () => {
    await using first = await startFakeAws();
    await using second = await startFakeAws({ region: 'us-east-1' });
    expect(first.endpointUrl).not.toBe(second.endpointUrl);
    await awsJson(
      first,
      's3api',
      'create-bucket',
      '--bucket',
      'only-here',
      '--create-bucket-configuration',
      'LocationConstraint=eu-west-1',
    );
    const names = '--query=Buckets[].Name';
    expect(await awsJson(first, 's3api', 'list-buckets', names)).toEqual(['only-here']);
    expect(await awsJson(second, 's3api', 'list-buckets', names)).toEqual([]);
    expect(second.env['AWS_REGION']).toBe('us-east-1');
  });

  it('leaves nothing running after close, which can be called twice', async () => {
    const aws = await startFakeAws();
    expect(isRunning(aws.motoPid)).toBe(true);
    await aws.close();
    await aws.close();
    expect(await hasEnded(aws.motoPid)).toBe(true);
    await expect(fetch(aws.endpointUrl)).rejects.toThrow('fetch failed');
  });

  it('leaves nothing running when its process is killed with -9', async () => {
    const owner = startNode(ownerProgram);
    const motoPid = Number(/"motoPid":(\d+)/.exec(await output(owner, /\n/))?.[1]);
    expect(isRunning(motoPid)).toBe(true);
    owner.kill('SIGKILL');
    expect(await hasEnded(motoPid)).toBe(true);
  });

  it('answers a bad gateway when moto has died', async () => {
    await using aws = await startFakeAws();
    process.kill(aws.motoPid, 'SIGKILL');
    expect(await hasEnded(aws.motoPid)).toBe(true);
    expect((await fetch(aws.endpointUrl)).status).toBe(502);
  });

  it('counts calls per operation and region', async () => {
    await using aws = await startFakeAws();
    await runAws(aws, 'ec2', 'describe-vpcs');
    await runAws(aws, 'ec2', 'describe-vpcs', '--region', 'us-east-1');
    await runAws(aws, 'lambda', 'list-functions');
    expect(aws.counts()).toEqual({ 'ec2:DescribeVpcs': 2, 'lambda:ListFunctions': 1 });
    expect(aws.countsByRegion()).toEqual({
      'eu-west-1': { 'ec2:DescribeVpcs': 1, 'lambda:ListFunctions': 1 },
      'us-east-1': { 'ec2:DescribeVpcs': 1 },
    });
    aws.resetCounts();
    expect(aws.counts()).toEqual({});
  });

  it('takes objects of any size through, both ways', async () => {
    await using aws = await startFakeAws();
    await awsJson(
      aws,
      's3api',
      'create-bucket',
      '--bucket',
      'large',
      '--create-bucket-configuration',
      'LocationConstraint=eu-west-1',
    );
    const authorization = `AWS4-HMAC-SHA256 Credential=${aws.env['AWS_ACCESS_KEY_ID']}/20260101/eu-west-1/s3/aws4_request`;
    const body = Buffer.alloc(32 * 1024 * 1024, 'cloudops ');
    const url = `${aws.endpointUrl}/large/object`;
    expect((await fetch(url, { method: 'PUT', headers: { authorization }, body })).status).toBe(
      200,
    );
    const back = Buffer.from(
      await (await fetch(url, { headers: { authorization } })).arrayBuffer(),
    );
    expect(back.equals(body)).toBe(true);
  });
});

describe('the program', () => {
  it('prints export lines and ends when it is told to', async () => {
    const child = startNode(mainProgram, '--resources', '0');
    const text = await output(child, /AWS_PAGER/);
    expect(text).toMatch(/^export AWS_ENDPOINT_URL='http:\/\/127\.0\.0\.1:\d+'$/m);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
