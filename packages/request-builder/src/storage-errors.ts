import { RequestError } from './errors.ts';
import { abortedError } from './server/abort.ts';

/**
 * Storage has errors of its own; whoever asks a builder gets the builder's.
 *
 * @throws RequestError `STORAGE_FAILED` with the storage's error as cause, `ABORTED`
 */
export async function storageErrors<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (RequestError.is(error)) throw error;
    if (signal.aborted) throw abortedError(signal);
    const message = error instanceof Error ? error.message : String(error);
    throw new RequestError('STORAGE_FAILED', `storage failed: ${message}`, { cause: error });
  }
}
