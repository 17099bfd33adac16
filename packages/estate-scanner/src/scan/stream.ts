import type { ScanEvent } from '../events.ts';
import type { ScanReport } from '../report.ts';
import { EventStream } from './event-stream.ts';
import type { EventOutlet } from './outlet.ts';

/**
 * Runs a scan for one reader of its events: it waits for a slow one, and ends when the reader stops.
 *
 * @throws what the scan throws, once the events before it were read
 */
export async function* streamed(
  scan: (outlet: EventOutlet, signal: AbortSignal) => Promise<ScanReport>,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void> {
  const stop = new AbortController();
  const events = new EventStream();
  const scanning = scan(events, AbortSignal.any([signal, stop.signal])).finally(() => events.end());
  // Thrown below.
  scanning.catch(() => undefined);
  let finished = false;
  try {
    yield* events.read();
    finished = true;
  } finally {
    if (!finished) {
      stop.abort();
      events.end();
      await scanning.catch(() => undefined);
    }
  }
  await scanning;
}
