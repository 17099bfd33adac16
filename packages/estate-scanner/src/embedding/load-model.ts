import { join } from 'node:path';
import { checkShippedFiles } from './checksums.ts';
import type { ThreadSettings } from './messages.ts';
import { pooled } from './pooling.ts';

/** Gives the vector of one text. */
export type VectorOf = (text: string) => Promise<Float32Array<ArrayBuffer>>;

/**
 * Loads a model from its folder alone, without the network.
 *
 * @throws Error where `@huggingface/transformers` or the model is missing or damaged
 */
export async function loadModel({ model, pooling, precision }: ThreadSettings): Promise<VectorOf> {
  const { env, LogLevel, pipeline } = await import('@huggingface/transformers');
  if (model.isShipped) await checkShippedFiles(join(model.folder, model.name));
  env.allowRemoteModels = false;
  env.localModelPath = model.folder;
  env.useFSCache = false;
  env.logLevel = LogLevel.NONE;
  const extractor = await pipeline('feature-extraction', model.name, {
    dtype: precision,
    device: 'cpu',
    session_options: {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      // The fused operator is slower than its two parts: 17 % of all time went there (onnxruntime 1.30).
      extra: { optimization: { disable_specified_optimizers: 'SkipLayerNormFusion' } },
    },
  });
  return async (text) => {
    const output = await extractor([text], { pooling: 'none' });
    try {
      if (!(output.data instanceof Float32Array)) throw new Error('the model gave no floats');
      return pooled(output.data, output.dims.at(-1) ?? 0, pooling);
    } finally {
      output.dispose();
    }
  };
}

/** Whether loading failed because the optional dependency is not installed. */
export function isMissingPackage(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes("'@huggingface/transformers'")
  );
}
