import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeAws, startFakeAws } from 'cloudops-fake-aws';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { percentilesOf } from './measure/percentiles.ts';
import { Report } from './measure/report.ts';

// One call of the AWS CLI (`ec2 describe-vpcs`, of which there are none) as a fork of the warm one and as a process of its own.

const cores = availableParallelism();

async function main(): Promise<void> {
  const report = new Report('warm-cli');
  const folder = await mkdtemp(join(tmpdir(), 'bench-warm-cli-'));
  await using aws = await startFakeAws();
  await using warm = engine(aws, folder, 'auto');
  await using plain = engine(aws, folder, 'off');
  report.add('the first call, and until calls are warm', {
    'first ms': await timed(() => call(warm)),
    'then warm after ms': await timed(() => untilWarm(warm)),
  });
  const times = await inTurn([() => call(warm), () => call(plain)], 15);
  const [warmTimes, plainTimes] = times.map(percentilesOf);
  const p50 = warmTimes?.p50 ?? Number.NaN;
  report.add(
    'one call, one after the other',
    { 'warm p50 ms': p50, 'p95 ms': warmTimes?.p95 ?? 0, 'plain p50 ms': plainTimes?.p50 ?? 0 },
    { atMost: { 'warm p50 ms': 80 } },
  );
  const perSecond = await rate(warm, 100);
  report.add(
    `calls on ${cores} cores, as many at once`,
    { 'warm per s': perSecond, 'plain per s': await rate(plain, 5 * cores) },
    { atLeast: { 'warm per s': 15 * cores } },
  );
  report.save({ cli: 'aws-cli 1, Python', endpoint: 'fake-aws on the same cores' });
  await rm(folder, { recursive: true });
}

function engine(aws: FakeAws, logDir: string, warmCli: 'auto' | 'off'): ExecutionEngine {
  const { awsBinary: binary, endpointUrl, env } = aws;
  return new ExecutionEngine({ logDir, awsCli: { binary, endpointUrl, env, warmCli } });
}

async function call(on: ExecutionEngine): Promise<void> {
  await on.run(
    {
      command: {
        type: 'aws_cli',
        service: 'ec2',
        operation: 'describe-vpcs',
        region: 'eu-west-1',
        parameters: { Filters: [{ Name: 'vpc-id', Values: ['vpc-0'] }] },
      },
      log: false,
    },
    { check: true },
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function untilWarm(on: ExecutionEngine): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (on.metrics().aws_cli.warm < 3) {
    await call(on);
    if (performance.now() > deadline) throw new Error(`${on.metrics().aws_cli.last_plain_reason}`);
  }
}

/** Each in turn, so that whatever else the machine does hits both alike. */
async function inTurn(works: readonly (() => Promise<void>)[], rounds: number) {
  const times = works.map((): number[] => []);
  for (let round = -2; round < rounds; round += 1) {
    for (const [index, work] of works.entries()) {
      const took = await timed(work);
      if (round >= 0) times[index]?.push(took);
    }
  }
  return times;
}

/** Calls per second, with as many at once as there are cores. */
async function rate(on: ExecutionEngine, count: number): Promise<number> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await call(on);
    }
  };
  const took = await timed(() => Promise.all(Array.from({ length: cores }, lane)));
  return (count / took) * 1000;
}

await main();
