import { ScanError } from '../errors.ts';
import { ScanReport } from '../report.ts';
import { moments, type Rhythm } from '../watch.ts';

/** What one scan of a watcher came to. */
export type WatchOutcome =
  | { report: ScanReport; error: null }
  /** The scan could not go on; the next one is made all the same. `report` is what had been done. */
  | { report: ScanReport | null; error: ScanError };

/**
 * Scans in a rhythm, one after the other.
 *
 * @throws ScanError `INVALID_OPTIONS`, `UNKNOWN_SERVICE`: what no later scan would do better
 */
export async function* watchScans(
  scan: () => Promise<ScanReport>,
  rhythm: Rhythm,
): AsyncGenerator<WatchOutcome, void> {
  for await (const _now of moments(rhythm)) {
    const outcome = await scan().then(
      (report): WatchOutcome => ({ report, error: null }),
      (error: unknown): WatchOutcome => failedScan(error),
    );
    if (rhythm.signal.aborted) return;
    yield outcome;
  }
}

function failedScan(error: unknown): WatchOutcome {
  if (!ScanError.is(error)) throw error;
  if (error.code === 'INVALID_OPTIONS' || error.code === 'UNKNOWN_SERVICE') throw error;
  const report = ScanReport.safeParse(error.details['report']).data ?? null;
  return { report, error };
}
