import { StorageError } from '../../errors.ts';

/** A request has at most so many points, */
const maxPoints = 256;
/** and so many bytes of JSON; a single larger point goes alone, up to what the server takes. */
const maxBytes = 8 * 1024 * 1024;
/** The default of `max_request_size_mb` of the server, less what is around the points. */
const serverLimit = 32 * 1024 * 1024 - 1024;

/**
 * Splits what is to be sent.
 *
 * @throws StorageError `ITEM_TOO_LARGE` before anything is sent
 */
export function batchesOf<T>(items: readonly T[]): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item));
    if (size >= serverLimit) {
      throw new StorageError(
        'ITEM_TOO_LARGE',
        `A point has ${size} bytes of JSON; Qdrant takes ${serverLimit} in one request.`,
        { details: { bytes: size, limit: serverLimit } },
      );
    }
    if (batch.length >= maxPoints || (batch.length > 0 && bytes + size > maxBytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** Splits what is to be asked for. */
export function chunksOf<T>(items: readonly T[], size = maxPoints): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size)
    chunks.push(items.slice(start, start + size));
  return chunks;
}
