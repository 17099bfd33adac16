/** The first part of a longer answer: rows may be large, and one message holds up the event loop that reads it. */
export interface Part<T> {
  rows: T[];
  isLast: boolean;
}

/** So many rows cross the thread in one message: a clone of 4,000 blocks the event loop for 15–64 ms. */
export const rowsPerMessage = 500;
/** Nor more bytes than this, unless one row alone has more. */
const bytesPerMessage = 2 * 1024 * 1024;

/** Takes rows until the message is full; reads the source no further, and ends it. */
export function firstPart<S, T extends { sealed: Uint8Array; body?: string } | null>(
  source: Iterator<S>,
  rowFrom: (item: S) => T,
): Part<T> {
  const rows: T[] = [];
  let bytes = 0;
  for (let next = source.next(); next.done !== true; next = source.next()) {
    const row = rowFrom(next.value);
    const size = (row?.sealed.length ?? 0) + (row?.body?.length ?? 0);
    if (rows.length >= rowsPerMessage || (rows.length > 0 && bytes + size > bytesPerMessage)) {
      // A statement left open would keep its snapshot, and the log growing.
      source.return?.();
      return { rows, isLast: false };
    }
    rows.push(row);
    bytes += size;
  }
  return { rows, isLast: true };
}

/** Splits what is to be written into messages of the same bounds. */
export function splitBySize<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const chunks: T[][] = [];
  let chunk: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (chunk.length >= rowsPerMessage || (chunk.length > 0 && bytes + size > bytesPerMessage)) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(item);
    bytes += size;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}
