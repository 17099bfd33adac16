import type { EventHandler, ExecutionEvent } from '../events.ts';

/**
 * Sends every event as a server-sent event, for any web framework: `write` is whatever sends text to the client. A
 * promise that it returns is waited for.
 */
export function sseHandler(write: (text: string) => unknown): EventHandler {
  return {
    async onEvent(event) {
      await write(sseMessage(event));
    },
  };
}

/**
 * An event in the format of server-sent events (HTML standard, section 9.2), its `id` being the execution's id and the
 * event's `seq`.
 */
export function sseMessage(event: ExecutionEvent): string {
  const id = `${event.execution_id}:${event.seq}`;
  // JSON holds no line break, so that one data line is enough.
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
