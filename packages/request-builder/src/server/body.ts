import { RequestError } from '../errors.ts';

/**
 * Reads a body up to a limit that counts decompressed bytes, and lets go of the connection when it is exceeded.
 *
 * @throws RequestError `RESPONSE_TOO_LARGE`
 */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body === null) return new Uint8Array();
  // Leaving the loop cancels the stream, and with it decompression and download.
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new RequestError(
        'RESPONSE_TOO_LARGE',
        `the server's answer is larger than ${maxBytes} bytes (decompressed)`,
        { details: { status: response.status, max_bytes: maxBytes } },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
