import type { FromWorker, ToWorker } from './messages.ts';

/** Where a model runs, as its user sees it. It keeps the process alive while it is `ref`ed. */
export interface Runner {
  send(message: ToWorker): void;
  ref(): void;
  unref(): void;
}

/** What a runner tells. */
export interface RunnerEvents {
  onMessage(message: FromWorker): void;
  /** It failed, and will end. */
  onFailure(what: string, cause?: unknown): void;
  /** It is gone; the last event. */
  onEnd(what: string): void;
}

/** The program of every runner. */
export const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? './embedding-worker.ts' : './embedding-worker.js',
  import.meta.url,
);
