import type { ExecutionEvent } from './events.ts';
import { replay } from './logs/replay.ts';
import { followText, readText } from './logs/text.ts';
import type { LogChunk, LogRange } from './logs/text.ts';
import { planEvents } from './plans/events.ts';
import type { Registry } from './registry.ts';

/** A stretch of the log of an execution, as far as it is written. */
export async function readLog(registry: Registry, id: string, range: LogRange): Promise<string> {
  const log = await registry.findLog(id);
  return readText(log.files.log, log.flushedBytes, range);
}

/** The log of an execution as it grows. */
export async function* followLog(
  registry: Registry,
  id: string,
  from: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogChunk> {
  yield* followText(await registry.findLog(id), from, signal);
}

/** The events of an execution, or of a plan and its steps. */
export function followEvents(
  registry: Registry,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExecutionEvent> {
  const tracked = registry.find(id);
  return tracked.kind === 'plan' ? planEvents(tracked, signal) : replay(tracked.journal, signal);
}
