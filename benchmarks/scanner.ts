/**
 * A scan of 1,000 resources against a fake AWS with 50 ms of latency: warm and plain CLI, beside a shell loop of the same calls; a
 * second scan, throttling, growth, embedding. Writes `results/scanner.json`. Takes about six minutes on two cores.
 *
 *     node --conditions=cloudops-source benchmarks/scanner.ts
 */
import { availableParallelism } from 'node:os';
import { LATENCY_MS, openAccount, openBench, usedRegions } from './scanner/account.ts';
import { heldMb, scanMany } from './scanner/growth.ts';
import { costOf, median, results, round } from './scanner/measure.ts';
import { sampleOf, shellLoop } from './scanner/shell-loop.ts';
import { benchTexts } from './scanner/texts.ts';

const cores = availableParallelism();
const setup = { latency_ms: LATENCY_MS, resources: 1000, regions_used: usedRegions.length };

await benchTexts();
await benchGrowth();
await using aws = await openAccount();
await benchWarmCall();
const first = await benchScans();
const secondsPerCall = await benchShellLoop();
await benchPlain();
await benchThrottled();
results.save(setup);

/** Time and memory of a scan by the number of resources, without CLI, model and database. */
async function benchGrowth(): Promise<void> {
  await scanMany(1000);
  const small = await costOf(() => scanMany(2_500));
  const large = await costOf(() => scanMany(10_000));
  const factor = round(large.seconds / small.seconds, 2);
  // In scans of their own: to collect garbage takes time.
  const held = { small: await heldMb(2_500), large: await heldMb(10_000) };
  const figures = {
    '2,500 s': small.seconds,
    '10,000 s': large.seconds,
    factor,
    '2,500 held MB': held.small,
    '10,000 held MB': held.large,
  };
  // Linear is 4; what a scan holds is bounded by its batches, beside the keys that it has seen (some 100 bytes each).
  results.add('10,000 resources beside 2,500', figures, {
    text: 'time × 4 ± a quarter, memory not × 4',
    reached: factor <= 5 && held.large <= held.small * 2 + 4,
  });
}

/** One call of an operation that finds nothing, with the latency of the endpoint taken out. */
async function benchWarmCall(): Promise<void> {
  aws.faults.clear();
  const times = async (warmCli: 'auto' | 'off', count: number) => {
    await using bench = await openBench(aws, { warmCli, discoverOnly: true });
    const found: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const start = performance.now();
      await bench.engine.run({
        command: {
          type: 'aws_cli',
          service: 'ec2',
          operation: 'describe-vpcs',
          region: 'ca-central-1',
          parameters: { Filters: [{ Name: 'vpc-id', Values: ['vpc-0'] }] },
        },
        log: false,
      });
      // The first calls start the Python process.
      if (index >= count / 4) found.push(performance.now() - start);
    }
    return round(median(found));
  };
  const warmMs = await times('auto', 40);
  const plainMs = await times('off', 8);
  aws.faults.add({ kind: 'latency', latencyMs: LATENCY_MS });
  results.add(
    'one call, describe-vpcs, nothing found, p50',
    { 'warm ms': warmMs, 'plain ms': plainMs },
    {
      text: '≤ 80 ms warm',
      reached: warmMs <= 80,
    },
  );
}

/** The first scan, the second one, and what a region costs that has nothing in it. */
async function benchScans() {
  await using bench = await openBench(aws, { warmCli: 'auto' });
  aws.resetCounts();
  const one = await costOf(() => bench.scan());
  const { counts, aws_calls, iam_calls, status, scopes } = one.value;
  const regions = new Set(scopes.map(({ region }) => region)).size - 1;
  const { discover, permissions, embed, store } = one.value.phases_ms;
  results.add(
    `first scan, ${counts.discovered} resources, ${regions} regions, warm CLI`,
    { s: one.seconds, 'CLI calls': aws_calls, 'IAM calls': iam_calls, embedded: counts.embedded },
    { text: '≤ 30 s, complete', reached: one.seconds <= 30 && status === 'complete' },
  );
  results.add('its phases, which overlap', { discover, permissions, embed, store });
  const empty = Object.values(aws.countsByRegion()['ca-central-1'] ?? {});
  results.add('CLI calls of a region with a default VPC only', {
    calls: empty.reduce((sum, count) => sum + count, 0),
  });
  const commands = [...bench.commands];
  const two = await costOf(() => bench.scan());
  const share = Math.round((two.seconds / one.seconds) * 100);
  results.add(
    'second scan, nothing changed',
    {
      s: two.seconds,
      '% of the first': share,
      embedded: two.value.counts.embedded,
      'IAM calls': two.value.iam_calls,
      changed: two.value.counts.changed,
    },
    {
      text: '≤ 60 %, 0 embedded, 0 IAM calls',
      reached: share <= 60 && two.value.counts.embedded + two.value.iam_calls === 0,
    },
  );
  return { seconds: one.seconds, commands };
}

/** The peer. Answers what one call takes there when as many run at once as there are cores. */
async function benchShellLoop(): Promise<number> {
  const sample = sampleOf(first.commands, 40);
  const seconds: Record<string, number> = {};
  for (const atOnce of [cores, cores * 2, cores * 4]) {
    const took = await shellLoop(aws, sample, atOnce);
    seconds[`${atOnce} at once, s`] = round((took / sample.length) * first.commands.length);
  }
  const factor = round(Math.min(...Object.values(seconds)) / first.seconds);
  results.add(
    `shell loop of the ${first.commands.length} calls, by ${sample.length} of them`,
    { ...seconds, 'times as long': factor },
    { text: '≥ 5 × as long as the warm scan', reached: factor >= 5 },
  );
  return (seconds[`${cores} at once, s`] ?? Number.NaN) / first.commands.length;
}

/** Plain processes: the cost of a call is CPU, divided by the cores in the shell loop too. */
async function benchPlain(): Promise<void> {
  await using bench = await openBench(aws, { warmCli: 'off' });
  const regions = ['eu-west-1', 'ca-central-1', 'sa-east-1'];
  const { value, seconds } = await costOf(() => bench.scan(regions));
  const allowed = round(value.aws_calls * secondsPerCall * 1.2);
  results.add(
    'first scan of 3 regions, one in use, plain processes',
    {
      s: seconds,
      'CLI calls': value.aws_calls,
      'calls × their cost in a shell loop + 20 %, s': allowed,
    },
    { text: 'within it', reached: seconds <= allowed },
  );
}

async function benchThrottled(): Promise<void> {
  const regions = [...usedRegions];
  const seconds = async () => {
    await using bench = await openBench(aws, { warmCli: 'auto' });
    return await costOf(() => bench.scan(regions));
  };
  const calm = await seconds();
  const fault = aws.faults.add({ kind: 'throttle', share: 0.3 });
  const throttled = await seconds();
  fault.remove();
  const factor = round(throttled.seconds / calm.seconds, 2);
  const { status, counts, retries } = throttled.value;
  const isWhole = status === 'complete' && counts.discovered === calm.value.counts.discovered;
  results.add(
    '30 % of calls throttled, the 4 regions in use',
    { 'calm s': calm.seconds, s: throttled.seconds, factor, retries, status },
    { text: 'complete, ≤ 2 × the time', reached: isWhole && factor <= 2 },
  );
}
