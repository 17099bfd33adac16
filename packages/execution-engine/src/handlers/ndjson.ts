import type { Writable } from 'node:stream';
import type { EventHandler } from '../events.ts';
import { writeTo } from './write.ts';

/** Writes every event as one line of JSON. */
export function ndjsonHandler(stream: Writable): EventHandler {
  return { onEvent: (event) => writeTo(stream, `${JSON.stringify(event)}\n`) };
}
