import { lineText } from '../output/lines.ts';
import type { ExecutionEvent } from '../events.ts';
import type { JournalScope } from './entries.ts';
import type { Journal, LoadedEntry } from './journal.ts';

/** The events of an entry, in order. */
export function* eventsOf(scope: JournalScope, loaded: LoadedEntry): Generator<ExecutionEvent> {
  const { entry, data, ends } = loaded;
  const timestamp = new Date(entry.at).toISOString();
  if (entry.kind === 'event') {
    yield { ...entry.body, ...scope, seq: entry.seq, timestamp };
    return;
  }
  if (data === null) return;
  let start = 0;
  let seq = entry.seq;
  for (const end of ends) {
    const line = lineText(data, start, end);
    yield entry.partial
      ? { type: entry.stream, ...scope, seq, timestamp, line, partial: true }
      : { type: entry.stream, ...scope, seq, timestamp, line };
    start = end;
    seq += 1;
  }
}

/** All events of a journal from the first, then as they come, to the last. */
export async function* replay(
  journal: Journal,
  signal?: AbortSignal,
): AsyncGenerator<ExecutionEvent> {
  for await (const loaded of journal.follow(signal)) {
    for (const event of eventsOf(journal.scope, loaded)) {
      if (signal?.aborted) return;
      yield event;
    }
  }
}
