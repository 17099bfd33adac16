import type { Readable, Writable } from 'node:stream';
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { StorageError } from '../errors.ts';
import { nextTurn } from '../in-turns.ts';
import { ExportLine } from './lines.ts';

/** So many lines are taken in at once. */
const linesAtOnce = 200;
/** So many are parsed before others get a turn on the event loop. */
const linesPerTurn = 32;
/** Nor more characters than this, unless one line alone has more. */
const charactersAtOnce = 4 * 1024 * 1024;

/** V8 has no room for a text of 512 Mi characters. */
const longestLine = 500 * 1024 * 1024;

/** Writes lines to a stream at the pace at which it takes them; the stream stays open. */
export async function writeNdjson(
  parts: AsyncIterable<readonly ExportLine[]>,
  stream: Writable,
): Promise<void> {
  for await (const lines of parts) {
    for (const line of lines) {
      if (stream.errored) throw stream.errored;
      if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain');
    }
  }
}

/**
 * Reads lines from a stream, a few at a time.
 *
 * @throws StorageError `INVALID_INPUT` naming the line that is none
 */
export async function* readNdjson(stream: Readable): AsyncGenerator<ExportLine[]> {
  let lines: ExportLine[] = [];
  let characters = 0;
  let number = 0;
  for await (const text of splitLines(stream)) {
    number += 1;
    // What is in memory already comes without a turn for others between.
    if (number % linesPerTurn === 0) await nextTurn();
    if (text.trim() === '') continue;
    lines.push(parseLine(text, number));
    characters += text.length;
    if (lines.length >= linesAtOnce || characters >= charactersAtOnce) {
      yield lines;
      lines = [];
      characters = 0;
    }
  }
  if (lines.length > 0) yield lines;
}

/** Only a line feed ends a line; readline would also break at U+2028, which JSON may contain. */
async function* splitLines(stream: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  // Kept apart until their line is whole: joined with each chunk, a long line would cost the square of its length.
  let pieces: string[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const text: unknown = chunk instanceof Uint8Array ? decoder.write(Buffer.from(chunk)) : chunk;
    if (typeof text !== 'string') {
      throw new StorageError('INVALID_INPUT', 'The stream has to give text or bytes.');
    }
    const [first = '', ...lines] = text.split('\n');
    pieces.push(first);
    length += first.length;
    if (length > longestLine) {
      throw new StorageError('INVALID_INPUT', `A line has more than ${longestLine} characters.`);
    }
    if (lines.length === 0) continue;
    yield pieces.join('');
    const rest = lines.pop() ?? '';
    yield* lines;
    pieces = [rest];
    length = rest.length;
  }
  yield pieces.join('') + decoder.end();
}

function parseLine(text: string, number: number): ExportLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StorageError('INVALID_INPUT', `line ${number}: not JSON`, { cause });
  }
  const parsed = ExportLine.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new StorageError(
    'INVALID_INPUT',
    `line ${number}: ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
  );
}
