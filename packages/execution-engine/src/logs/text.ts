import { open } from 'node:fs/promises';
import { constants } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { ExecutionError, messageOf } from '../errors.ts';

/** A stretch of a log, and where the next one begins. */
export interface LogChunk {
  text: string;
  /** Byte offset behind `text`: give it as `from` to go on. */
  next: number;
}

/** Which bytes of a log to read. */
export interface LogRange {
  /** Default 0. */
  from?: number | undefined;
  /** Default: to the end. The text may be up to three bytes shorter, so that no character is cut. */
  limit?: number | undefined;
}

/** A log that is read while it grows. */
export interface LogSource {
  readonly files: { readonly log: string };
  /** Bytes that can be read. */
  readonly flushedBytes: number;
  /** Whether no more is to come. */
  readonly ended: boolean;
  /** Set where no more will come because it cannot be written. */
  readonly failure: ExecutionError | null;
  readonly changed: { wait(signal?: AbortSignal): Promise<void> };
}

const CHUNK_BYTES = 256 * 1024;

/**
 * A stretch of a log file as text, from what is on disk now.
 *
 * @throws ExecutionError `LOG_TOO_LARGE` for more than V8 can hold in a string, `LOG_UNREADABLE`
 */
export async function readText(path: string, end: number, range: LogRange = {}): Promise<string> {
  const from = Math.min(range.from ?? 0, end);
  const size = Math.min(end - from, range.limit ?? Number.POSITIVE_INFINITY);
  if (size > constants.MAX_STRING_LENGTH) {
    throw new ExecutionError(
      'LOG_TOO_LARGE',
      `the log has ${size} bytes, more than fit into a string; read it in parts with from and limit, or follow it`,
      { details: { path, bytes: size } },
    );
  }
  if (size === 0) return '';
  const bytes = await readBytes(path, from, size);
  const cut = from + size < end ? completeLength(bytes) : bytes.length;
  return bytes.toString('utf8', 0, cut);
}

/** The log from a byte offset, then as it grows, until its execution has ended. */
export async function* followText(
  log: LogSource,
  from: number,
  signal?: AbortSignal,
): AsyncGenerator<LogChunk> {
  const decoder = new StringDecoder('utf8');
  let position = from;
  let held = 0;
  for (;;) {
    if (signal?.aborted) return;
    const ended = log.ended || log.failure !== null;
    if (position < log.flushedBytes) {
      const size = Math.min(CHUNK_BYTES, log.flushedBytes - position);
      const bytes = await readBytes(log.files.log, position, size);
      position += bytes.length;
      const text = decoder.write(bytes);
      // What the decoder holds back is not yet delivered, so a reader that resumes must get it again.
      held = bytes.length - completeLength(bytes);
      if (text !== '') yield { text, next: position - held };
    } else if (ended) {
      const text = decoder.end();
      if (text !== '') yield { text, next: position };
      return;
    } else {
      await log.changed.wait(signal);
    }
  }
}

async function readBytes(path: string, from: number, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  try {
    await using file = await open(path, 'r');
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await file.read(buffer, filled, size - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } catch (error) {
    throw new ExecutionError('LOG_UNREADABLE', `cannot read the log: ${messageOf(error)}`, {
      details: { path },
      cause: error,
    });
  }
}

/** The length of `bytes` without a UTF-8 sequence that is cut off at its end. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
