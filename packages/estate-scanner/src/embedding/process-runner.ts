import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromWorker, ThreadSettings } from './messages.ts';
import { type Runner, type RunnerEvents, WORKER_URL } from './runner.ts';

/**
 * Starts a process with the model: for hosts that are themselves a worker thread. A thread of theirs ends with them, wherever it
 * is, without any code being run before; inside onnxruntime that aborts the whole process. A process ends when it hears of it.
 *
 * @throws Error where this process may not start one
 */
export function startProcess(settings: ThreadSettings, events: RunnerEvents): Runner {
  const child = fork(fileURLToPath(WORKER_URL), {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ORT_DISABLE_TELEMETRY: '1', ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  child.on('message', (message: FromWorker) => events.onMessage(message));
  child.on('error', (cause) => {
    events.onFailure(String(cause), cause);
    if (child.pid === undefined) events.onEnd('not started');
  });
  child.once('exit', (code, signal) => events.onEnd(signal ?? `exit code ${code}`));
  const send = (message: object) => {
    // A child that is gone says so by its exit.
    child.send(message, () => undefined);
  };
  send(settings);
  return {
    send,
    ref() {
      child.ref();
      child.channel?.ref();
    },
    unref() {
      child.unref();
      child.channel?.unref();
    },
  };
}
