import { z } from 'zod';
import type { StreamName } from '../output/streams.ts';

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
  partial: boolean;
  /** Milliseconds since 1970. */
  at: number;
}

/** One event that is not output; its fields without the envelope. */
export interface EventEntry {
  kind: 'event';
  seq: number;
  count: 1;
  at: number;
  body: Readonly<Record<string, unknown>>;
}

/** One line of the index. */
export type Entry = OutputEntry | EventEntry;

const IndexLine = z.union([
  z.tuple([
    z.int(),
    z.enum(['stdout', 'stderr']),
    z.int(),
    z.int(),
    z.int(),
    z.int(),
    z.int().min(0).max(1),
  ]),
  z.tuple([z.int(), z.literal('event'), z.int(), z.record(z.string(), z.unknown())]),
]);

/**
 * One line of the index beside a log: `[seq, stream, offset, bytes, lines, time, partial]` for output,
 * `[seq, "event", time, fields]` for other events.
 */
export function indexLine(entry: Entry): string {
  const fields =
    entry.kind === 'output'
      ? [
          entry.seq,
          entry.stream,
          entry.offset,
          entry.bytes,
          entry.count,
          entry.at,
          entry.partial ? 1 : 0,
        ]
      : [entry.seq, 'event', entry.at, entry.body];
  return `${JSON.stringify(fields)}\n`;
}

/** The entry of an index line; null where the line is damaged, as the last one of a killed engine may be. */
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
  const [seq, stream, offset, bytes, count, at, partial] = found;
  return { kind: 'output', seq, stream, offset, bytes, count, at, partial: partial === 1 };
}
