import { lineTexts } from '../output/line-texts.ts';
import type { ExecutionEvent } from '../events.ts';
import type { StreamName } from '../output/streams.ts';
import type { JournalScope, LoadedEntry, OutputEntry } from './entries.ts';
import type { Journal } from './journal.ts';

type LineEvent = Extract<ExecutionEvent, { type: StreamName }>;

/** The events of an entry in order, some at a time: lines become events only as they are asked for. */
export function* eventsOf(scope: JournalScope, loaded: LoadedEntry): Generator<ExecutionEvent[]> {
  const { entry, data } = loaded;
  const timestamp = new Date(entry.at).toISOString();
  if (entry.kind === 'event') {
    yield [{ ...entry.body, ...scope, seq: entry.seq, timestamp }];
    return;
  }
  if (data === null) return;
  let seq = entry.seq;
  for (const lines of lineTexts(data)) {
    const first = seq;
    yield lines.map((line, at) => lineEvent(scope, entry, first + at, timestamp, line));
    seq += lines.length;
  }
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
    for (const events of eventsOf(journal.scope, loaded)) {
      for (const event of events) {
        if (signal?.aborted) return;
        yield event;
      }
    }
  }
}
