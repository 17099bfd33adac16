import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ExecutionEngine } from '../src/index.ts';
import type { EngineOptions, ExecutionEvent } from '../src/index.ts';

/** An engine with a log directory of its own, closed and removed after the test. */
export async function testEngine(options: EngineOptions = {}): Promise<ExecutionEngine> {
  const logDir = options.logDir ?? (await temporaryFolder());
  const keeper = process.env.ENGINE_TEST_LAUNCHER !== 'direct';
  const engine = new ExecutionEngine({
    killGraceMs: 500,
    maxConcurrent: 4,
    keeper,
    ...options,
    logDir,
  });
  onTestFinished(() => engine.close({ mode: 'kill' }));
  return engine;
}

/** A folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** All events of an execution, to the last. */
export async function allEvents(engine: ExecutionEngine, id: string): Promise<ExecutionEvent[]> {
  const events: ExecutionEvent[] = [];
  for await (const event of engine.events(id)) events.push(event);
  return events;
}

/** The lines among events. */
export function linesOf(events: readonly ExecutionEvent[], stream: 'stdout' | 'stderr' = 'stdout') {
  return events.flatMap((event) => (event.type === stream ? [event.line] : []));
}

/** The path of a fixture program. */
export function fixture(name: string): string {
  return join(import.meta.dirname, 'fixtures', name);
}

/** A request that runs Node on a fixture. */
export function nodeCommand(name: string, ...args: string[]) {
  return {
    type: 'exec' as const,
    program: process.execPath,
    args: ['--conditions=cloudops-source', fixture(name), ...args],
  };
}

/** A request that runs a line in `sh`. */
export function sh(command: string) {
  return { type: 'shell' as const, command };
}

/** Resolves when `condition` holds; rejects when it does not within the time. */
export async function eventually(condition: () => boolean, withinMs = 5000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come to pass');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
