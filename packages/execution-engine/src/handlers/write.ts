import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes, and waits where the stream asks for it. Rejects where the stream fails while it waits. */
export function writeTo(stream: Writable, text: string): Promise<void> | undefined {
  return stream.write(text) ? undefined : drained(stream);
}

async function drained(stream: Writable): Promise<void> {
  await once(stream, 'drain');
}
