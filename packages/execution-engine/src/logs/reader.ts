import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { ExecutionError, messageOf } from '../errors.ts';
import { parseIndexLine } from './entries.ts';
import type { Entry, JournalFiles, LoadedEntry } from './entries.ts';

const INDEX_CHUNK_BYTES = 64 * 1024;

/** Entries are small where lines come one by one; about this much of the log is read at once. */
const LOG_CHUNK_BYTES = 1024 * 1024;

/** An entry from the files. */
export interface StoredEntry {
  loaded: LoadedEntry;
  /** Where its line of the index ends. */
  indexEnd: number;
}

interface Indexed {
  entry: Entry;
  indexEnd: number;
}

/**
 * The next entries of a journal, as many as are worth one read; none where there are no more. The files are open only
 * meanwhile: whoever reads a log may stop anywhere, for any time.
 *
 * @param position where in the index to begin, at the start of a line
 * @throws ExecutionError `LOG_UNREADABLE`
 */
export async function readEntries(files: JournalFiles, position: number): Promise<StoredEntry[]> {
  try {
    await using index = await open(files.index, 'r');
    await using log = await open(files.log, 'r');
    return await load(log, await readIndex(index, position));
  } catch (error) {
    throw logUnreadable(files, messageOf(error), error);
  }
}

/** The typed error for a log that cannot be read back. */
export function logUnreadable(files: JournalFiles, why: string, cause?: unknown): ExecutionError {
  return new ExecutionError('LOG_UNREADABLE', `the log ${files.log} cannot be read: ${why}`, {
    details: { path: files.log },
    cause,
  });
}

async function readIndex(index: FileHandle, position: number): Promise<Indexed[]> {
  let bytes = Buffer.alloc(0);
  let end = 0;
  while (end === 0) {
    const chunk = Buffer.allocUnsafe(INDEX_CHUNK_BYTES);
    const from = position + bytes.length;
    const { bytesRead } = await index.read(chunk, 0, chunk.length, from);
    if (bytesRead === 0) return [];
    // A line of the index may be longer than a chunk: the arguments of a command are in it.
    bytes = Buffer.concat([bytes, chunk.subarray(0, bytesRead)]);
    end = bytes.lastIndexOf(0x0a) + 1;
  }
  return parse(bytes.subarray(0, end), position);
}

function parse(lines: Buffer, position: number): Indexed[] {
  const indexed: Indexed[] = [];
  let indexEnd = position;
  let logBytes = 0;
  for (const line of lines.toString('utf8').split('\n').slice(0, -1)) {
    const entry = parseIndexLine(line);
    indexEnd += Buffer.byteLength(line) + 1;
    if (entry === null) continue;
    indexed.push({ entry, indexEnd });
    logBytes += entry.kind === 'output' ? entry.bytes : 0;
    if (logBytes >= LOG_CHUNK_BYTES) break;
  }
  return indexed;
}

/** The stretches of the log lie one behind the other. */
async function load(log: FileHandle, indexed: readonly Indexed[]): Promise<StoredEntry[]> {
  const outputs = indexed.flatMap(({ entry }) => (entry.kind === 'output' ? [entry] : []));
  const from = outputs[0]?.offset ?? 0;
  const size = outputs.reduce((sum, { bytes }) => sum + bytes, 0);
  const data = Buffer.allocUnsafeSlow(size);
  if (size > 0) await log.read(data, 0, size, from);
  return indexed.map(({ entry, indexEnd }) => {
    if (entry.kind === 'event') return { loaded: { entry, data: null }, indexEnd };
    const at = entry.offset - from;
    return { loaded: { entry, data: data.subarray(at, at + entry.bytes) }, indexEnd };
  });
}
