import { execFile } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { createScreen } from 'cloudops-example-cli';
import { type EstateSummary, startFakeAws, type FakeAws } from 'cloudops-fake-aws';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runDemo } from '../../src/demo.ts';
import { startDemo } from '../processes.ts';

// oxlint-disable-next-line no-control-regex -- escape codes are what is looked for
const ESCAPE = /\u001B/;
/** A demo of this size takes 20 s on an idle machine; this only tells slow from hung. */
const TIMEOUT_MS = 300_000;
const REGIONS = ['eu-west-1'];

let aws: FakeAws;
let summary: EstateSummary;

beforeEach(async () => {
  aws = await startFakeAws();
  summary = await aws.seedEstate({ resources: 60, regions: REGIONS });
});
afterEach(() => aws.close());

/** Names and states of the instances that are tagged idle, and of all others, asked of AWS itself. */
async function states(): Promise<Record<string, string>> {
  const { PATH = '', HOME = '' } = process.env;
  const { stdout } = await promisify(execFile)(
    aws.awsBinary,
    [
      'ec2',
      'describe-instances',
      '--query=Reservations[].Instances[].[Tags[?Key==`Name`]|[0].Value,State.Name]',
      '--output=json',
    ],
    { env: { PATH, HOME, ...aws.env } },
  );
  return Object.fromEntries(JSON.parse(stdout));
}

it(
  'stops exactly the idle staging web servers, in plain text without escape codes',
  { timeout: TIMEOUT_MS },
  async () => {
    const before = await states();
    const stream = new PassThrough();
    const written: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => written.push(chunk));
    const report = await runDemo(
      { real: false, json: false, resources: 60, regions: REGIONS },
      createScreen(stream, {}),
      new AbortController().signal,
      async () => ({
        awsCli: { binary: aws.awsBinary, endpointUrl: aws.endpointUrl, env: aws.env },
        iam: {
          endpoint: aws.endpointUrl,
          credentials: {
            accessKeyId: aws.env['AWS_ACCESS_KEY_ID'] ?? '',
            secretAccessKey: aws.env['AWS_SECRET_ACCESS_KEY'] ?? '',
          },
        },
        seeded: summary.byType,
        close: async () => {},
      }),
    );
    expect(report.problems).toEqual([]);
    const stopped = Object.keys(before).filter((name) =>
      /^(?:catalog|search)-web-staging/.test(name),
    );
    expect(stopped).toHaveLength(4);
    expect(await states()).toEqual({
      ...before,
      ...Object.fromEntries(stopped.map((name) => [name, 'stopped'])),
    });
    const text = Buffer.concat(written).toString('utf8');
    expect(text).not.toMatch(ESCAPE);
    expect(text).toMatch(/^ {2}eu-west-1 ec2: \d+ resources, [\d.]+ s$/m);
    expect(text).toMatch(/^score +name +type +region +you may$/m);
    expect(text).toMatch(/│ i-[0-9a-f]{17} {2}running {2}stopping$/m);
  },
);

it('changes nothing with --real', { timeout: TIMEOUT_MS }, async () => {
  const before = await states();
  aws.resetCounts();
  // The user's own CLI is looked for on the path.
  const path = [dirname(aws.awsBinary), process.env['PATH'] ?? ''].join(delimiter);
  const { code, stdout } = await startDemo(['--real', '--regions', 'eu-west-1', '--json'], {
    ...aws.env,
    PATH: path,
  });
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ ok: true, mode: 'real', resources: { seeded: null } });
  expect(report.resources.by_type).toMatchObject(summary.byType);
  expect(report.playbook.status).toBeNull();
  expect(report.playbook.steps.map(({ status }: { status: string }) => status)).toEqual([
    'not run',
    'not run',
    'not run',
  ]);
  const calls = Object.keys(aws.counts());
  expect(calls.length).toBeGreaterThan(5);
  expect(calls.filter((call) => !/:(?:Describe|List|Get|Simulate)/.test(call))).toEqual([]);
  expect(await states()).toEqual(before);
});
