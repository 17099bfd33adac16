import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { ExecutionEngine } from 'cloudops-execution-engine';
import type { EngineOptions, Plan } from 'cloudops-execution-engine';
import { NO_TIMING, interleave, longestBlock, summarize, table } from './engine/measure.ts';
import type { Row } from './engine/measure.ts';
import { rawSpawn } from './engine/peers.ts';

// BENCH_ENGINE_ONLY=spawn,lines runs only those sections; BENCH_SCALE=0.1 a tenth of the work. The heap is measured
// exactly only under --expose-gc.
const only = process.env.BENCH_ENGINE_ONLY?.split(',');
const scale = Number(process.env.BENCH_SCALE ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'bench-engine-'));
const rows: Row[] = [];

const TRUE = { type: 'exec', program: 'true' } as const;

function newEngine(options: EngineOptions = {}): ExecutionEngine {
  return new ExecutionEngine({ logDir: join(folder, 'logs'), ...options });
}

function times(count: number, work: () => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, work));
}

async function spawning(what: string, goalRatio: number): Promise<void> {
  await using engine = newEngine({ maxConcurrent: 8 });
  await engine.run({ command: TRUE });
  for (const atOnce of [1, 8]) {
    const [raw = NO_TIMING, ours = NO_TIMING, peer = NO_TIMING] = await interleave(
      [
        () => times(atOnce, () => rawSpawn('true')),
        () => times(atOnce, () => engine.run({ command: TRUE })),
        () => times(atOnce, async () => execa('true')),
      ],
      Math.ceil(200 * scale),
    );
    const ratio = ours.p50 / raw.p50;
    rows.push({
      what: `${what}, ${atOnce} at once`,
      figures: {
        'raw p50': raw.p50,
        'raw p99': raw.p99,
        'engine p50': ours.p50,
        'engine p99': ours.p99,
        'execa p50': peer.p50,
        'execa p99': peer.p99,
        'engine/raw': ratio,
      },
      goal: `engine/raw ≤ ${goalRatio}, not slower than execa`,
      reached: ratio <= goalRatio && ours.p50 <= peer.p50,
    });
  }
}

async function bigHeap(): Promise<void> {
  const heap = Buffer.alloc(1024 ** 3, 1);
  await spawning('run true from a host with 1 GB', 0.3);
  await using engine = newEngine();
  await engine.run({ command: TRUE });
  const blocks = { raw: [] as number[], engine: [] as number[] };
  for (let round = 0; round < 30; round += 1) {
    blocks.raw.push(await longestBlock(() => rawSpawn('true')));
    blocks.engine.push(await longestBlock(() => engine.run({ command: TRUE })));
  }
  const ours = summarize(blocks.engine).p50;
  rows.push({
    what: `event loop held up by one start, host with ${heap.length / 1024 ** 3} GB`,
    figures: { 'raw ms': summarize(blocks.raw).p50, 'engine ms': ours },
    goal: 'under 1 ms',
    reached: ours < 1,
  });
}

async function lines(): Promise<void> {
  const count = 2_000_000 * scale;
  const line = 'x'.repeat(85);
  const script = `yes ${line} | head -n ${count}`;
  await using engine = newEngine();
  let seen = 0;
  let finish = () => {};
  engine.withEventHandler({
    onEvent: (event) => {
      if (event.type === 'stdout') seen += 1;
      else if ('result' in event) finish();
    },
  });
  const [ours = NO_TIMING, peer = NO_TIMING] = await interleave(
    [
      async () => {
        const handled = new Promise<void>((resolve) => {
          finish = resolve;
        });
        await engine.run({ command: { type: 'shell', command: script } });
        await handled;
      },
      async () => {
        for await (const text of execa('sh', ['-c', script], { buffer: false }))
          seen += text.length > 0 ? 1 : 0;
      },
    ],
    3,
  );
  if (seen < count * 3) throw new Error(`the handler saw ${seen} lines only`);
  const rate = count / ours.p50 / 1000;
  const peerRate = count / peer.p50 / 1000;
  rows.push({
    what: `${count} lines of 86 bytes, log on, one handler`,
    figures: { 'M lines/s': rate, 'execa M lines/s': peerRate },
    goal: '≥ 3 M lines/s, ≥ 3 × execa',
    reached: rate >= 3 && rate >= 3 * peerRate,
  });
}

async function volume(): Promise<void> {
  const bytes = Math.round(1024 ** 3 * scale);
  await using engine = newEngine();
  await engine.run({ command: TRUE });
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  const command = `yes ${'x'.repeat(85)} | head -c ${bytes}`;
  let log: string | null = null;
  const [ours = NO_TIMING, cat = NO_TIMING] = await interleave(
    [
      async () => {
        // The shell's `>` as well gives up what was written the time before.
        if (log !== null) await truncate(log);
        log = (await engine.run({ command: { type: 'shell', command } })).log_path;
      },
      () => rawSpawn('sh', ['-c', `${command} | cat | cat > ${join(folder, 'cat')}`]),
    ],
    3,
  );
  clearInterval(watch);
  const grown = (most - before) / 1024 ** 2;
  rows.push({
    what: `${bytes / 1024 ** 2} MiB of output`,
    figures: {
      'engine ms': ours.p50,
      'cat | cat > file ms': cat.p50,
      ratio: ours.p50 / cat.p50,
      'host RSS +MB': grown,
    },
    goal: 'RSS +64 MB at most, within 2 × of cat | cat > file',
    reached: grown <= 64 && ours.p50 <= 2 * cat.p50,
  });
}

async function leaks(): Promise<void> {
  const count = 10_000 * scale;
  await using engine = newEngine({ maxConcurrent: 8, historyLimit: 100 });
  await times(500, () => engine.run({ command: TRUE }));
  await delay(500);
  globalThis.gc?.();
  const descriptors = readdirSync('/proc/self/fd').length;
  const heap = process.memoryUsage().heapUsed;
  const began = performance.now();
  for (let done = 0; done < count; done += 100) {
    await times(100, () => engine.run({ command: TRUE }));
  }
  const ms = performance.now() - began;
  // The logs of the last runs are closed behind their results.
  await delay(500);
  globalThis.gc?.();
  const more = readdirSync('/proc/self/fd').length - descriptors;
  const grown = (process.memoryUsage().heapUsed - heap) / 1024 ** 2;
  rows.push({
    what: `${count} runs`,
    figures: { 'descriptors +': more, 'heap +MB': grown, 'ms each': ms / count },
    goal: 'descriptors ±2, heap flat (±5 MB)',
    reached: Math.abs(more) <= 2 && grown <= 5,
  });
}

async function plan(): Promise<void> {
  const count = 5000 * scale;
  await using engine = newEngine({ maxConcurrent: 8, historyLimit: 100 });
  const steps: Plan['steps'] = Array.from({ length: count }, (_, index) => ({
    id: `s${index}`,
    command: TRUE,
    depends_on: index < 8 ? [] : [`s${index - 8}`],
  }));
  const single = performance.now();
  await times(count, () => engine.run({ command: TRUE }));
  const singleMs = performance.now() - single;
  const began = performance.now();
  const id = await engine.executePlan({ strategy: { type: 'dependency_graph' }, steps });
  const { status } = await engine.getPlanResult(id);
  const planMs = performance.now() - began;
  const overhead = (planMs - singleMs) / count;
  rows.push({
    what: `a graph of ${count} steps (${status})`,
    figures: {
      'plan ms': planMs,
      'the same runs without a plan ms': singleMs,
      'overhead ms per step': overhead,
    },
    goal: '≤ 1 ms per step',
    reached: overhead <= 1,
  });
}

async function masking(): Promise<void> {
  const bytes = Math.round(500e6 * scale);
  const names = Array.from({ length: 10 }, (_, index) => `SECRET_${index}`);
  const env = Object.fromEntries(
    names.map((name, index) => [name, `pass-${index}-${'wörd/+'.repeat(3)}${index}`]),
  );
  await using engine = newEngine();
  const command = {
    type: 'shell',
    command: `yes "user $SECRET_3 did something on host 10.0.0.1 at 12:00:00" | head -c ${bytes}`,
  } as const;
  const [plain = NO_TIMING, masked = NO_TIMING] = await interleave(
    [() => engine.run({ command, env }), () => engine.run({ command, env, secrets: names })],
    3,
  );
  const rate = bytes / 1e6 / (masked.p50 / 1000);
  rows.push({
    what: `masking 10 secrets over ${bytes / 1e6} MB, one in every line`,
    figures: { 'MB/s in all': rate, 'without secrets MB/s': bytes / 1e6 / (plain.p50 / 1000) },
    goal: '≥ 200 MB/s',
    reached: rate >= 200,
  });
}

const sections = {
  spawn: () => spawning('run true', 1.5),
  lines,
  volume,
  leaks,
  plan,
  masking,
  heap: bigHeap,
};
for (const [name, section] of Object.entries(sections)) {
  if (only !== undefined && !only.includes(name)) continue;
  const before = rows.length;
  await section();
  console.log(table(rows.slice(before)));
}
if (only === undefined) {
  const results = join(import.meta.dirname, 'results');
  mkdirSync(results, { recursive: true });
  const report = { node: process.version, cores: availableParallelism(), rows };
  writeFileSync(join(results, 'engine.json'), `${JSON.stringify(report, null, 2)}\n`);
}
rmSync(folder, { recursive: true, force: true });
