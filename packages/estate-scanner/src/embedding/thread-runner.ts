import { Worker } from 'node:worker_threads';
import { guardExit } from './exit-guard.ts';
import type { FromWorker, ThreadSettings, WorkerSettings } from './messages.ts';
import { NativeGate } from './native-gate.ts';
import { type Runner, type RunnerEvents, WORKER_URL } from './runner.ts';

/**
 * Starts a worker thread with the model.
 *
 * @throws Error where this process may not start one
 */
export function startThread(settings: ThreadSettings, events: RunnerEvents): Runner {
  // onnxruntime 1.30 keeps telemetry files in the temporary folder and knows where to send them. It reads the environment of
  // the process, which a worker's copy does not reach. Who wants telemetry sets the variable to 0.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  const gate = new NativeGate();
  const workerData: WorkerSettings = { ...settings, gate: gate.buffer };
  // Without flags of the host: `--input-type` and the like break a worker.
  const worker = new Worker(WORKER_URL, { workerData, execArgv: [], name: 'cloudops-embedding' });
  const unguard = guardExit(gate);
  worker.on('message', (message: FromWorker) => events.onMessage(message));
  worker.on('error', (cause) => events.onFailure(String(cause), cause));
  worker.once('exit', (code) => {
    unguard();
    events.onEnd(`exit code ${code}`);
  });
  return {
    send: (message) => worker.postMessage(message, []),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
}
