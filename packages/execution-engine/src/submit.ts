import { randomUUID } from 'node:crypto';
import type { PlanStart } from './plans/resume.ts';
import type { Registry, Tracked } from './registry.ts';
import type { ExecutionRequest } from './request.ts';

/**
 * Starts a request, or finds what was started under its id before.
 *
 * @param signal cancels it
 * @returns its id, once it is accepted
 * @throws ExecutionError `ID_CONFLICT`
 */
export function submitRequest(
  registry: Registry,
  request: ExecutionRequest,
  signal: AbortSignal | undefined,
): Promise<string> {
  const id = request.id ?? randomUUID();
  return accepted(registry.repeated(id, request) ?? registry.startExecution(id, request), signal);
}

/**
 * Starts a plan, or finds what was started under its id before.
 *
 * @param wantedId null for a new one
 * @param signal cancels it
 * @returns its id, once it is accepted
 * @throws ExecutionError `ID_CONFLICT`
 */
export function submitPlan(
  registry: Registry,
  from: PlanStart,
  wantedId: string | null,
  signal: AbortSignal | undefined,
): Promise<string> {
  const id = wantedId ?? randomUUID();
  return accepted(registry.repeated(id, from.plan) ?? registry.startPlan(id, from), signal);
}

async function accepted(tracked: Tracked, signal: AbortSignal | undefined): Promise<string> {
  cancelOnAbort(tracked, signal);
  await tracked.accepted;
  return tracked.id;
}

/** Cancels when `signal` aborts, also where it has before. */
function cancelOnAbort(tracked: Tracked, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const cancel = () => void tracked.cancel();
  if (signal.aborted) cancel();
  else {
    signal.addEventListener('abort', cancel, { once: true });
    void tracked.ended.then(() => signal.removeEventListener('abort', cancel));
  }
}
