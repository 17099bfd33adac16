import { setTimeout as delay } from 'node:timers/promises';
import type { EngineParts } from './engine-parts.ts';
import { terminate } from './process/terminate.ts';
import type { Registry, Tracked } from './registry.ts';

/** Waits for the end of everything, and gives back what the engine holds: processes, the keeper, handlers. */
export async function shutDown(parts: EngineParts): Promise<void> {
  const { id, options, registry, launcher } = parts;
  await registry.stopRecovery();
  await Promise.all(registry.all.map(async (tracked) => tracked.ended));
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

/** Ends everything, steps for `always` as well. */
export function cancelAll(registry: Registry): void {
  for (const tracked of registry.all) {
    void (tracked.kind === 'plan' ? tracked.cancel(true) : tracked.cancel());
  }
}

/** Cancels when `signal` aborts, also where it has before. */
export function cancelOnAbort(tracked: Tracked, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const cancel = () => void tracked.cancel();
  if (signal.aborted) cancel();
  else {
    signal.addEventListener('abort', cancel, { once: true });
    void tracked.ended.then(() => signal.removeEventListener('abort', cancel));
  }
}
