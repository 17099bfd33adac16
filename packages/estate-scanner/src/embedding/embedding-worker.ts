import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { NativeGate } from './native-gate.ts';

type Extract = (texts: string[]) => Promise<Float32Array<ArrayBuffer>>;

async function loadModel(settings: WorkerSettings): Promise<Extract> {
  const { modelsFolder, model, threads, pooling, precision } = settings;
  const { env, LogLevel, pipeline } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = modelsFolder;
  env.useFSCache = false;
  env.logLevel = LogLevel.NONE;
  const extractor = await pipeline('feature-extraction', model, {
    dtype: precision,
    device: 'cpu',
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3 },
  });
  return async (texts) => {
    const output = await extractor(texts, { pooling, normalize: true });
    try {
      if (!(output.data instanceof Float32Array)) throw new Error('the model gave no floats');
      return new Float32Array(output.data);
    } finally {
      output.dispose();
    }
  };
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
  let extract: Extract;
  try {
    extract = await loadModel(settings);
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
    if (!gate.enter()) return;
    try {
      const data = await extract(texts);
      post({ type: 'vectors', id, data }, [data.buffer]);
    } catch (error) {
      post({ type: 'failed', id, message: messageOf(error) });
    } finally {
      gate.leave();
    }
  };

  // One at a time: two at once would take twice the memory and be no faster.
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
