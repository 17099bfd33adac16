import { ScanError } from '../errors.ts';

/** Throws ScanError `ABORTED` where the signal has aborted, or the ScanError it was aborted with. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}

/** ScanError `ABORTED`, or the ScanError that the signal was aborted with. */
export function abortError(signal: AbortSignal): ScanError {
  if (ScanError.is(signal.reason)) return signal.reason;
  return new ScanError('ABORTED', 'The scan was aborted.', {
    cause: signal.reason,
    retryable: true,
  });
}
