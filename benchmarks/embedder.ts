/**
 * The embedder beside the raw pipeline: texts per second, memory and how long the host's event loop stands still. Short texts, and
 * those of `pnpm bench scanner`: tokens per text say how they compare.
 *
 *     node --conditions=cloudops-source benchmarks/embedder.ts [texts] [threads]
 */
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { MiniLmEmbedder } from 'cloudops-estate-scanner/embedder';
import { scannedTexts } from './scanner/texts.ts';
import { loadTransformers, tokensPerText } from './scanner/tokens.ts';

// `pnpm bench embedder` puts its name first.
const numbers = process.argv.slice(2).map(Number).filter(Number.isFinite);
const [count = 1_000, threads = Math.min(availableParallelism(), 2)] = numbers;

const kinds = [
  'ec2 instance',
  'rds database postgres',
  's3 bucket',
  'lambda function nodejs',
  'subnet',
];
const words = ['checkout', 'payments', 'search', 'billing', 'reports', 'login', 'catalog'];

/** Texts shorter than those the scanner makes: 6 to 31 words about one resource. */
function shortTexts(label: string): string[] {
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

/** Runs work that embeds `count` texts. */
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
const short = shortTexts('a');
const scanned = await scannedTexts(count);
rows.push(await measure('short texts', () => embedder.embed(short)));
rows.push(await measure('short texts, known', () => embedder.embed(short)));
rows.push(await measure('texts of the scanner', () => embedder.embed(scanned)));
await embedder.close();

// The peer: the same model without worker or cache, as transformers.js documents it.
const transformers = await loadTransformers();
const extract = await transformers.pipeline('feature-extraction', 'all-MiniLM-L6-v2', {
  dtype: 'q8',
  session_options: { intraOpNumThreads: threads },
});
for (const [name, texts] of Object.entries({ short: shortTexts('b'), scanned })) {
  const work = async () => {
    for (let i = 0; i < texts.length; i += 32) {
      await extract(texts.slice(i, i + 32), { pooling: 'mean', normalize: true });
    }
  };
  rows.push(await measure(`raw pipeline, batches of 32, ${name} texts`, work));
}

const median = queries.toSorted((a, b) => a - b)[25] ?? Number.NaN;
console.log(
  `${count} texts, ${threads} threads, Node ${process.version}: load ${Math.round(loadMs)} ms ` +
    `and ${Math.round(loadedMb)} MB, a short query ${median.toFixed(1)} ms (median of 50); ` +
    `tokens per text: short ${await tokensPerText(short)}, of the scanner ${await tokensPerText(scanned)}`,
);
console.table(rows);
