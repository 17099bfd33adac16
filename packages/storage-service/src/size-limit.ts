import { StorageError } from './errors.ts';

/**
 * The largest message or resource, as JSON text: 16 MiB. Encrypted and in base64 it still fits into one request to
 * Qdrant, whose limit is 32 MB; the embedded backend has the same limit, so that its data can move there.
 */
export const maxItemBytes = 16 * 1024 * 1024;

/** @throws StorageError `ITEM_TOO_LARGE` */
export function checkSize(text: string, what: string, id: string): void {
  // A UTF-16 unit is at most three bytes: most texts need no counting.
  if (text.length * 3 <= maxItemBytes) return;
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxItemBytes) return;
  throw new StorageError(
    'ITEM_TOO_LARGE',
    `${what} ${id} has ${bytes} bytes; ${maxItemBytes} is the limit. Store large output in a file, and its path here.`,
    { details: { id, bytes, limit: maxItemBytes } },
  );
}
