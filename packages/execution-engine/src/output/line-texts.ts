const NEWLINE = 0x0a;

/**
 * So many bytes are decoded at once. The text of a line is a part of the text of its block, and keeps all of it in
 * memory: a handler that holds on to single lines must not hold on to everything.
 */
const BLOCK_BYTES = 4096;

/** How many lines there are; the last may have no newline. */
export function lineCount(bytes: Buffer): number {
  let count = 0;
  let from = 0;
  while (from < bytes.length) {
    const at = bytes.indexOf(NEWLINE, from);
    from = at === -1 ? bytes.length : at + 1;
    count += 1;
  }
  return count;
}

/**
 * The texts of the lines, without `\n` or `\r\n`, some at a time. Nothing else ends a line: neither a lone `\r` nor what
 * Unicode calls a line separator.
 */
export function* lineTexts(bytes: Buffer): Generator<string[]> {
  let start = 0;
  while (start < bytes.length) {
    const end = blockEnd(bytes, start);
    const lines = bytes.toString('utf8', start, end).split('\n');
    const open = lines.pop() ?? '';
    for (const [at, line] of lines.entries()) {
      if (line.endsWith('\r')) lines[at] = line.slice(0, -1);
    }
    // Behind the last newline there is nothing, or a line without an end.
    if (open !== '') lines.push(open);
    yield lines;
    start = end;
  }
}

/** Behind as many whole lines as fit, or behind one that does not. */
function blockEnd(bytes: Buffer, start: number): number {
  const most = start + BLOCK_BYTES;
  if (most >= bytes.length) return bytes.length;
  const last = bytes.lastIndexOf(NEWLINE, most - 1);
  if (last >= start) return last + 1;
  const next = bytes.indexOf(NEWLINE, most);
  return next === -1 ? bytes.length : next + 1;
}
