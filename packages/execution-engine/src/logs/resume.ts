import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { StreamName } from '../output/streams.ts';
import { parseIndexLine } from './entries.ts';
import type { JournalFiles } from './entries.ts';

/** Where a journal ends that an earlier engine wrote. */
export interface JournalEnd {
  lastSeq: number;
  logBytes: number;
  indexBytes: number;
  /** Bytes of each stream of the last attempt that are in the log. */
  logged: Record<StreamName, number>;
  /** Whether the last event is in. */
  ended: boolean;
}

/** The line of the index that stands for the last event. */
export const END_MARK = /^\[(\d+),"end",/u;

/** Reads the index of a journal; where there is none, nothing was written. A damaged last line does not count. */
export async function readJournalEnd(files: JournalFiles): Promise<JournalEnd> {
  const end: JournalEnd = {
    lastSeq: 0,
    logBytes: 0,
    indexBytes: 0,
    logged: { stdout: 0, stderr: 0 },
    ended: false,
  };
  for await (const line of completeLines(files.index)) {
    const mark = END_MARK.exec(line);
    const entry = mark === null ? parseIndexLine(line) : null;
    if (mark !== null) {
      end.lastSeq = Number(mark[1]);
      end.ended = true;
    } else if (entry === null) break;
    else if (entry.kind === 'output') {
      end.lastSeq = entry.seq + entry.count - 1;
      end.logBytes = entry.offset + entry.bytes;
      end.logged[entry.stream] += entry.raw;
    } else {
      end.lastSeq = entry.seq;
      // Another attempt has an output of its own.
      if (entry.body.type === 'started') end.logged = { stdout: 0, stderr: 0 };
    }
    end.indexBytes += Buffer.byteLength(line) + 1;
  }
  return end;
}

const CHUNK_BYTES = 256 * 1024;

/** An index may be larger than a string can be: it is read in parts. What has no newline is no line. */
async function* completeLines(path: string): AsyncGenerator<string> {
  const file: FileHandle | null = await open(path, 'r').catch(() => null);
  if (file === null) return;
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let begun = Buffer.alloc(0);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      const known = Buffer.concat([begun, buffer.subarray(0, bytesRead)]);
      const end = known.lastIndexOf(0x0a) + 1;
      yield* known.toString('utf8', 0, end).split('\n').slice(0, -1);
      begun = known.subarray(end);
    }
  } finally {
    await file.close();
  }
}
