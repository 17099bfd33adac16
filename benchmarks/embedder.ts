/**
 * The embedder beside the raw pipeline: texts per second, memory and how long the host's event loop stands still.
 *
 *     node --conditions=cloudops-source benchmarks/embedder.ts [texts] [threads]
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { MiniLmEmbedder } from 'cloudops-estate-scanner/embedder';

const count = Number(process.argv[2] ?? 1_000);
const threads = Number(process.argv[3] ?? Math.min(availableParallelism(), 4));
const packageFolder = join(import.meta.dirname, '../packages/estate-scanner');

const kinds = [
  'ec2 instance',
  'rds database postgres',
  's3 bucket',
  'lambda function nodejs',
  'subnet',
];
const words = ['checkout', 'payments', 'search', 'billing', 'reports', 'login', 'catalog'];

/** Texts like those the scanner makes: 8 to 60 words about one resource. */
function resourceTexts(label: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const tags = Array.from({ length: i % 9 }, (_, k) => `tag team-${k} ${words[(i + k) % 7]}`);
    return `${kinds[i % 5]} ${words[i % 7]}-${label}-${i} running in eu-west-1 ${tags.join(' ')}`;
  });
}

interface Row {
  name: string;
  'texts/s': number;
  'loop stood still, ms': number;
  'RSS, MB more': number;
}

async function measure(name: string, work: () => Promise<unknown>): Promise<Row> {
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  clearInterval(watch);
  peak = Math.max(peak, process.memoryUsage().rss);
  return {
    name,
    'texts/s': Math.round(count / seconds),
    'loop stood still, ms': Math.round(delay.max / 1e6),
    'RSS, MB more': Math.round((peak - before) / 1e6),
  };
}

const rows: Row[] = [];

const embedder = new MiniLmEmbedder({ threads });
const loadStart = performance.now();
const rssStart = process.memoryUsage().rss;
await embedder.embed(['load']);
const loadMs = performance.now() - loadStart;
const loadedMb = (process.memoryUsage().rss - rssStart) / 1e6;
const queries: number[] = [];
for (let i = 0; i < 50; i++) {
  const start = performance.now();
  await embedder.embed([`production database for ${words[i % 7]} number ${i}`]);
  queries.push(performance.now() - start);
}
rows.push(await measure('MiniLmEmbedder', () => embedder.embed(resourceTexts('a'))));
rows.push(await measure('MiniLmEmbedder, same texts', () => embedder.embed(resourceTexts('a'))));
await embedder.close();

// The peer: the same model without worker, sorting or cache, as transformers.js documents it.
const resolve = createRequire(join(packageFolder, 'package.json')).resolve;
const { env, pipeline } = await import(pathToFileURL(resolve('@huggingface/transformers')).href);
env.allowRemoteModels = false;
env.localModelPath = join(packageFolder, 'models');
const extract = await pipeline('feature-extraction', 'all-MiniLM-L6-v2', {
  dtype: 'q8',
  session_options: { intraOpNumThreads: threads },
});
for (const size of [32, 100]) {
  const work = async () => {
    const texts = resourceTexts('b');
    for (let i = 0; i < texts.length; i += size) {
      await extract(texts.slice(i, i + size), { pooling: 'mean', normalize: true });
    }
  };
  rows.push(await measure(`raw pipeline, unsorted batches of ${size}`, work));
}

const median = queries.toSorted((a, b) => a - b)[25] ?? Number.NaN;
console.log(
  `${count} texts, ${threads} threads, Node ${process.version}: load ${Math.round(loadMs)} ms ` +
    `and ${Math.round(loadedMb)} MB, a short query ${median.toFixed(1)} ms (median of 50)`,
);
console.table(rows);
