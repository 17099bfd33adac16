import { lineText } from '../output/lines.ts';
import type { ExecutionEvent } from '../events.ts';
import type { StreamName } from '../output/streams.ts';
import type { JournalScope, LoadedEntry, OutputEntry } from './entries.ts';
import type { Journal } from './journal.ts';

type LineEvent = Extract<ExecutionEvent, { type: StreamName }>;

/** The events of an entry, in order. */
export function eventsOf(scope: JournalScope, loaded: LoadedEntry): ExecutionEvent[] {
  const { entry, data, ends } = loaded;
  const timestamp = new Date(entry.at).toISOString();
  if (entry.kind === 'event') {
    return [{ ...entry.body, ...scope, seq: entry.seq, timestamp }];
  }
  const events: ExecutionEvent[] = [];
  if (data === null) return events;
  let start = 0;
  let seq = entry.seq;
  for (const end of ends) {
    events.push(lineEvent(scope, entry, seq, timestamp, lineText(data, start, end)));
    start = end;
    seq += 1;
  }
  return events;
}

/** Written out: spreading the scope into millions of events took longer than everything else about them. */
function lineEvent(
  { execution_id, plan_id, step_id }: JournalScope,
  { stream: type, partial }: OutputEntry,
  seq: number,
  timestamp: string,
  line: string,
): ExecutionEvent {
  const event: LineEvent =
    plan_id === undefined || step_id === undefined
      ? { type, execution_id, seq, timestamp, line }
      : { type, execution_id, plan_id, step_id, seq, timestamp, line };
  if (partial) event.partial = true;
  return event;
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
