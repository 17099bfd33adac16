import { z } from 'zod';
import { StoredEvent } from '../events.ts';
import type { LastEvent } from '../events.ts';
import type { StreamName } from '../output/streams.ts';

/** The two files of one journal. */
export interface JournalFiles {
  log: string;
  index: string;
}

/** An entry whose bytes are at hand. */
export interface LoadedEntry {
  entry: Entry;
  /** Of an output entry; null for an event. */
  data: Buffer | null;
}

/** What events of one journal have in common. */
export interface JournalScope {
  execution_id: string;
  plan_id?: string;
  step_id?: string;
}

/** A run of lines of one stream, or a fragment: a stretch of the log. */
export interface OutputEntry {
  kind: 'output';
  /** Of its first line. */
  seq: number;
  /** Lines, and so events. */
  count: number;
  stream: StreamName;
  /** Where it begins in the log. */
  offset: number;
  bytes: number;
  /** How many bytes of the process's own output it stands for: masking changes lengths. */
  raw: number;
  partial: boolean;
  /** Milliseconds since 1970. */
  at: number;
}

/** One event that is not output. */
export interface EventEntry {
  kind: 'event';
  seq: number;
  count: 1;
  at: number;
  body: StoredEvent | LastEvent;
}

/** What a journal consists of. */
export type Entry = OutputEntry | EventEntry;

const IndexLine = z.union([
  z.tuple([
    z.int(),
    z.enum(['stdout', 'stderr']),
    z.int(),
    z.int(),
    z.int(),
    z.int(),
    z.int(),
    z.int().min(0).max(1),
  ]),
  z.tuple([z.int(), z.literal('event'), z.int(), StoredEvent]),
]);

/**
 * One line of the index beside a log: `[seq, stream, offset, bytes, raw bytes, lines, time, partial]` for output,
 * `[seq, "event", time, fields]` for other events, and last `[seq, "end", time, type]`, whose result is kept elsewhere.
 */
export function indexLine(entry: Entry): string {
  return `${JSON.stringify(indexFields(entry))}\n`;
}

function indexFields(entry: Entry): unknown[] {
  if (entry.kind === 'event') {
    return 'result' in entry.body
      ? [entry.seq, 'end', entry.at, entry.body.type]
      : [entry.seq, 'event', entry.at, entry.body];
  }
  const { seq, stream, offset, bytes, raw, count, at, partial } = entry;
  return [seq, stream, offset, bytes, raw, count, at, partial ? 1 : 0];
}

/** The entry of an index line; null for the last event, and where the line is damaged, as the last one of a killed engine may be. */
export function parseIndexLine(line: string): Entry | null {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = IndexLine.safeParse(fields);
  if (!parsed.success) return null;
  const found = parsed.data;
  if (found[1] === 'event') {
    return { kind: 'event', seq: found[0], count: 1, at: found[2], body: found[3] };
  }
  const [seq, stream, offset, bytes, raw, count, at, partial] = found;
  return { kind: 'output', seq, stream, offset, bytes, raw, count, at, partial: partial === 1 };
}
