import type { Writable } from 'node:stream';
import type { EventHandler, ExecutionEvent } from '../events.ts';
import { writeTo } from './write.ts';

/** Where and how to print. */
export interface ConsoleHandlerOptions {
  /** Default `process.stdout`. */
  stdout?: Writable | undefined;
  /** Default `process.stderr`. */
  stderr?: Writable | undefined;
  /** What stands before each line; default: nothing, or `[step_id] ` for a step of a plan. */
  prefix?: ((event: ExecutionEvent) => string) | undefined;
}

/** Prints the lines of every execution, each to the stream that it came from. */
export function consoleHandler(options: ConsoleHandlerOptions = {}): EventHandler {
  const { stdout = process.stdout, stderr = process.stderr, prefix = stepPrefix } = options;
  return {
    onEvent(event) {
      if (event.type !== 'stdout' && event.type !== 'stderr') return undefined;
      const end = event.partial ? '' : '\n';
      const target = event.type === 'stdout' ? stdout : stderr;
      return writeTo(target, `${prefix(event)}${event.line}${end}`);
    },
  };
}

function stepPrefix(event: ExecutionEvent): string {
  return event.step_id === undefined ? '' : `[${event.step_id}] `;
}
