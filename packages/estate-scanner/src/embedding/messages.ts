import type { Model } from './model.ts';
import type { Pooling } from './pooling.ts';

/** What an embedding thread is started with: the model, and how it runs. */
export interface ThreadSettings {
  model: Model;
  pooling: Pooling;
  precision: 'q8' | 'fp16' | 'fp32';
}

/** What the worker is started with. */
export interface WorkerSettings extends ThreadSettings {
  gate: SharedArrayBuffer;
}

/** To the worker: texts to embed, or the request to end. */
export type ToWorker = { type: 'embed'; id: number; texts: string[] } | { type: 'close' };

/**
 * From the worker: the vectors of one request in one array, a request that failed, or that it cannot work at
 * all (`missingPackage`: the optional dependency is not installed).
 */
export type FromWorker =
  | { type: 'vectors'; id: number; data: Float32Array<ArrayBuffer> }
  | { type: 'failed'; id: number; message: string }
  | { type: 'unavailable'; missingPackage: boolean; message: string };
