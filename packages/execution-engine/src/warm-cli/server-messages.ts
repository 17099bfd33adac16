import { constants } from 'node:os';
import { z } from 'zod';
import type { ProcessExit } from '../process/launch.ts';

/** What a server says, as a line of JSON. */
const Line = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready'), version: z.string() }),
  z.object({ event: z.literal('declined'), call: z.string(), reason: z.string() }),
  z.object({
    event: z.literal('exited'),
    call: z.string(),
    code: z.int().nullable(),
    signal: z.int().nullable(),
  }),
  z.object({ event: z.literal('pong') }),
]);

/** How a forked process ended; or that it never came to be, or that the server is gone and nobody knows. */
export type CallEnd = { exit: ProcessExit } | { declined: string } | { lost: true };

/** What a server says. */
export type ServerMessage =
  | { event: 'ready'; version: string }
  | { event: 'ended'; call: string; end: CallEnd }
  | { event: 'pong' };

/** Reads a line; null where it is none that a server says. */
export function parseMessage(line: string): ServerMessage | null {
  const message = read(line);
  if (message === null) return null;
  switch (message.event) {
    case 'declined':
      return { event: 'ended', call: message.call, end: { declined: message.reason } };
    case 'exited': {
      const exit = { code: message.code, signal: signalName(message.signal) };
      return { event: 'ended', call: message.call, end: { exit } };
    }
    default:
      return message;
  }
}

function read(line: string): z.infer<typeof Line> | null {
  try {
    return Line.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function signalName(number: number | null): string | null {
  if (number === null) return null;
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `SIG${number}`;
}
