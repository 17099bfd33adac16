import { setTimeout as delay } from 'node:timers/promises';
import type { EngineParts } from './engine-parts.ts';
import { terminate } from './process/terminate.ts';
import type { Registry, Tracked } from './registry.ts';

/** Waits for the end of everything, and gives back what the engine holds: processes, the keeper, handlers. */
export async function shutDown(parts: EngineParts): Promise<void> {
  const { id, options, registry, launcher } = parts;
  await registry.stopRecovery();
  await Promise.all(registry.all.map(endOf));
  const patience = new AbortController();
  const { signal } = patience;
  await Promise.race([
    registry.audience.caughtUp(),
    delay(options.handlerGraceMs, undefined, { signal }).catch(() => {}),
  ]);
  patience.abort();
  // What commands left running behind them, also those that completed.
  await terminate({ cookies: new Set([id]), leaders: [] }, options.killGraceMs);
  await launcher.close();
  await registry.removeOldLogs();
  registry.close();
}

/** Of an execution that has ended long ago nothing is asked: its output may have to be read back. */
async function endOf(tracked: Tracked): Promise<void> {
  const isOpen = tracked.status === 'queued' || tracked.status === 'running';
  if (isOpen || tracked.kind === 'plan') await tracked.ended;
}

/** Ends everything, steps for `always` as well. */
export function cancelAll(registry: Registry): void {
  for (const tracked of registry.all) {
    void (tracked.kind === 'plan' ? tracked.cancel(true) : tracked.cancel());
  }
}
