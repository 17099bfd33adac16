import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { isMissingPackage, loadModel, type VectorOf } from './load-model.ts';
import type { FromWorker, ThreadSettings, ToWorker, WorkerSettings } from './messages.ts';
import { NativeGate } from './native-gate.ts';

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

/** Who started this: a thread of the same process, or another process. */
interface Host {
  post(message: FromWorker, transfer: ArrayBuffer[]): void;
  onMessage(listener: (message: ToWorker) => void): void;
  close(): void;
}

function serve(host: Host, settings: ThreadSettings, gate: NativeGate): void {
  const load = async (): Promise<VectorOf | null> => {
    if (!gate.enter()) return null;
    try {
      return await loadModel(settings);
    } catch (error) {
      const missingPackage = isMissingPackage(error);
      host.post({ type: 'unavailable', missingPackage, message: messageOf(error) }, []);
      host.close();
      return null;
    } finally {
      gate.leave();
    }
  };
  const loading = load();

  const embed = async (id: number, texts: string[]) => {
    const vectorOf = await loading;
    if (vectorOf === null) return;
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
      host.post({ type: 'vectors', id, data }, [data.buffer]);
    } catch (error) {
      host.post({ type: 'failed', id, message: messageOf(error) }, []);
    }
  };

  // Listens from the beginning: a process does not keep messages for a listener that comes later.
  let last = Promise.resolve();
  host.onMessage((message) => {
    if (message.type === 'close') last = last.then(() => host.close());
    else last = last.then(() => embed(message.id, message.texts));
  });
}

function serveThread(port: MessagePort): void {
  const settings: WorkerSettings = workerData;
  const host: Host = {
    post: (message, transfer) => port.postMessage(message, transfer),
    onMessage: (listener) => port.on('message', listener),
    close: () => port.close(),
  };
  serve(host, settings, new NativeGate(settings.gate));
}

function serveProcess(): void {
  const host: Host = {
    post: (message) => process.send?.(message),
    onMessage: (listener) => process.on('message', listener),
    close: () => process.disconnect(),
  };
  process.once('message', (settings: ThreadSettings) => serve(host, settings, new NativeGate()));
  process.once('disconnect', () => process.exit());
}

if (parentPort !== null) serveThread(parentPort);
else if (process.send !== undefined) serveProcess();
