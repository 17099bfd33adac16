import { RequestError } from '../errors.ts';

/** The error for a caller that gave up. */
export function abortedError(signal: AbortSignal): RequestError {
  return new RequestError('ABORTED', 'the caller aborted', { cause: signal.reason });
}

/**
 * What a promise gives, or a rejection as soon as the signal aborts, for what does not look at signals itself.
 *
 * @throws the signal's reason
 */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
