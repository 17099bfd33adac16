import { join } from 'node:path';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { checkShippedFiles } from './checksums.ts';
import type { FromWorker, ThreadSettings, ToWorker, WorkerSettings } from './messages.ts';
import { NativeGate } from './native-gate.ts';
import { pooled } from './pooling.ts';

type VectorOf = (text: string) => Promise<Float32Array<ArrayBuffer>>;

async function loadModel({ model, pooling, precision }: ThreadSettings): Promise<VectorOf> {
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

function joined(vectors: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const length = vectors.reduce((sum, vector) => sum + vector.length, 0);
  const data = new Float32Array(length);
  let end = 0;
  for (const vector of vectors) {
    data.set(vector, end);
    end += vector.length;
  }
  return data;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isMissingPackage(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes("'@huggingface/transformers'")
  );
}

async function serve(port: MessagePort, settings: WorkerSettings): Promise<void> {
  const gate = new NativeGate(settings.gate);
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);
  if (!gate.enter()) return;
  let vectorOf: VectorOf;
  try {
    vectorOf = await loadModel(settings);
  } catch (error) {
    post({
      type: 'unavailable',
      missingPackage: isMissingPackage(error),
      message: messageOf(error),
    });
    return;
  } finally {
    gate.leave();
  }

  const embed = async (id: number, texts: string[]) => {
    const vectors: Float32Array[] = [];
    try {
      for (const text of texts) {
        if (!gate.enter()) return;
        try {
          vectors.push(await vectorOf(text));
        } finally {
          gate.leave();
        }
      }
      const data = joined(vectors);
      post({ type: 'vectors', id, data }, [data.buffer]);
    } catch (error) {
      post({ type: 'failed', id, message: messageOf(error) });
    }
  };

  let last = Promise.resolve();
  port.on('message', (message: ToWorker) => {
    if (message.type === 'close') last = last.then(() => port.close());
    else last = last.then(() => embed(message.id, message.texts));
  });
}

if (parentPort !== null) {
  const settings: WorkerSettings = workerData;
  void serve(parentPort, settings);
}
