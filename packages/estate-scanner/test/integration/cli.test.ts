import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsCli, type AwsCliOptions } from '../../src/aws/cli.ts';
import { listItems } from '../../src/aws/pages.ts';
import { collect } from '../support/collect.ts';

/**
 * The program in place of the AWS CLI is a script, for what a real one does too seldom or too slowly; the engine that runs it is
 * the real one.
 */
let folder: string;
let engine: ExecutionEngine | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estate-cli-'));
});
afterEach(async () => {
  await engine?.close({ mode: 'kill' });
  await rm(folder, { recursive: true, force: true });
});

/** A CLI whose program is this shell script; `$folder/calls` has its arguments, a line per call. */
async function cliOf(script: string, options: Partial<AwsCliOptions> = {}) {
  const binary = join(folder, 'aws');
  await writeFile(binary, `#!/bin/sh\necho "$@" >> "${folder}/calls"\n${script}\n`);
  await chmod(binary, 0o755);
  engine = new ExecutionEngine({ logDir: join(folder, 'logs'), awsCli: { binary } });
  const counter = { calls: 0, retries: 0 };
  const cli = new AwsCli({
    runner: engine,
    retry: { maxAttempts: 4, initialDelayMs: 1, multiplier: 2, maxDelayMs: 5 },
    maxOutputBytes: 1_000_000,
    timeoutMs: 60_000,
    counter,
    signal: new AbortController().signal,
    random: Math.random,
    mostAtOnce: 100,
    ...options,
  });
  const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  return { cli, counter, calls };
}

const call = { service: 'ec2', operation: 'describe-vpcs', region: 'eu-west-1' };
const fail = (code: string) =>
  `echo "An error occurred (${code}) when calling the DescribeVpcs operation: no" >&2; exit 255`;

describe('a call of the CLI', () => {
  it('returns what it prints, null where it prints nothing', async () => {
    expect(await (await cliOf(`echo '{"a": [1, "\\u00fc"]}'`)).cli.call(call)).toEqual({
      a: [1, 'ü'],
    });
    await engine?.close({ mode: 'kill' });
    expect(await (await cliOf('true')).cli.call(call)).toBeNull();
  });

  it('hands parameters over as one JSON, whatever they hold', async () => {
    const { cli, calls } = await cliOf('echo null');
    await cli.call({ ...call, parameters: { Bucket: `--x '"$(id)` } });
    expect((await calls())[0]).toContain(`--cli-input-json {"Bucket":"--x '\\"$(id)"}`);
  });

  it('is repeated while it is throttled, at most as often as it may', async () => {
    const { cli, counter } = await cliOf(fail('Throttling'));
    await expect(cli.call(call)).rejects.toMatchObject({ kind: 'throttled', code: 'Throttling' });
    expect(counter).toEqual({ calls: 4, retries: 3 });
  });

  it('is repeated once with fresh credentials, and works when they do', async () => {
    const script = `[ -f "$0.second" ] && { echo '[]'; exit 0; }; touch "$0.second"; ${fail('ExpiredToken')}`;
    const { cli, counter } = await cliOf(script);
    expect(await cli.call(call)).toEqual([]);
    expect(counter).toEqual({ calls: 2, retries: 1 });
  });

  it('goes through us-east-1 where no region is configured, and so do the calls after it', async () => {
    const script = `case "$*" in *--region*) echo '{}';; *) echo 'You must specify a region.' >&2; exit 255;; esac`;
    const { cli, calls } = await cliOf(script);
    await cli.call({ service: 'sts', operation: 'get-caller-identity' });
    await cli.call({ service: 'sts', operation: 'get-caller-identity' });
    expect((await calls()).filter((line) => line.includes('--region us-east-1'))).toHaveLength(2);
    expect(await calls()).toHaveLength(3);
  });

  it('that prints too much or no JSON is an error, not an empty list', async () => {
    const large = await cliOf('yes 0123456789 | head -c 2000000');
    await expect(large.cli.call(call)).rejects.toMatchObject({ code: 'OutputTooLarge' });
    await engine?.close({ mode: 'kill' });
    const text = await cliOf('echo Oops');
    await expect(text.cli.call(call)).rejects.toMatchObject({ code: 'OutputInvalid' });
  });

  it('that hangs is ended, tried once more, and then unavailable', async () => {
    const { cli, counter } = await cliOf('exec sleep 600', { timeoutMs: 100 });
    await expect(cli.call(call)).rejects.toMatchObject({ kind: 'connection', code: 'CallTimeout' });
    expect(counter.calls).toBe(2);
  });

  it('ends when it is aborted', async () => {
    const stop = new AbortController();
    const { cli } = await cliOf('exec sleep 600', { signal: stop.signal });
    setTimeout(() => stop.abort(), 100);
    await expect(cli.call(call)).rejects.toMatchObject({ name: 'ScanError', code: 'ABORTED' });
  });

  it('that the engine refuses is told from one that AWS refuses', async () => {
    const { cli } = await cliOf('echo null');
    const invalid = cli.call({ ...call, operation: 'Describe VPCs; rm' });
    await expect(invalid).rejects.toMatchObject({ name: 'AwsCallError', kind: 'cli' });
    await engine?.close({ mode: 'kill' });
    await expect(cli.call(call)).rejects.toMatchObject({
      name: 'ScanError',
      code: 'ENGINE_FAILED',
    });
  });
});

describe('listItems', () => {
  const list = { ...call, query: 'Vpcs[].{id: VpcId}', pageSize: 1000 };
  const signal = new AbortController().signal;

  it('reads in parts, from token to token, without narrowing pages: services have a smallest size', async () => {
    const script = `case "$*" in *--starting-token*) echo '{"items":[{"id":"c"}],"next":null}';; *) echo '{"items":[{"id":"a"},{"id":"b"}],"next":"T"}';; esac`;
    const { cli, calls } = await cliOf(script);
    expect(await collect(listItems(cli, list, 2, signal))).toEqual([
      { id: 'a' },
      { id: 'b' },
      { id: 'c' },
    ]);
    const [first, second] = await calls();
    expect(first).toContain('--page-size 1000 --max-items 2');
    expect(second).toContain('--starting-token T');
  });

  it('does not go round in circles when a token comes back', async () => {
    const { cli, counter } = await cliOf(`echo '{"items":[{"id":"a"}],"next":"T"}'`);
    await expect(collect(listItems(cli, list, 2, signal))).rejects.toMatchObject({
      code: 'TokenRepeated',
    });
    expect(counter.calls).toBe(2);
  });
});
