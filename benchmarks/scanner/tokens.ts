import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const packageFolder = join(import.meta.dirname, '../../packages/estate-scanner');

/** What the benchmarks use of transformers.js, which is a dependency of the scanner only. */
interface Transformers {
  env: { allowRemoteModels: boolean; localModelPath: string };
  AutoTokenizer: { from_pretrained(model: string): Promise<{ encode(text: string): number[] }> };
  pipeline(
    task: 'feature-extraction',
    model: string,
    options: { dtype: 'q8'; session_options: { intraOpNumThreads: number } },
  ): Promise<(texts: string[], options: { pooling: 'mean'; normalize: true }) => Promise<unknown>>;
}

/** transformers.js as the embedder has it, told to read the model of the package. */
export async function loadTransformers(): Promise<Transformers> {
  const { resolve } = createRequire(join(packageFolder, 'package.json'));
  const url = pathToFileURL(resolve('@huggingface/transformers')).href;
  const transformers: Transformers = await import(url);
  transformers.env.allowRemoteModels = false;
  transformers.env.localModelPath = join(packageFolder, 'models');
  return transformers;
}

/** What the model has to read: the mean number of word pieces in a text. Speeds are comparable only beside it. */
export async function tokensPerText(texts: readonly string[]): Promise<number> {
  const { AutoTokenizer } = await loadTransformers();
  const tokenizer = await AutoTokenizer.from_pretrained('all-MiniLM-L6-v2');
  const counts = texts.map((text) => tokenizer.encode(text).length);
  return Math.round(counts.reduce((sum, count) => sum + count, 0) / counts.length);
}
