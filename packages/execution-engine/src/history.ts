import type { Json } from './json.ts';
import type { ListOptions } from './call-options.ts';
import type { Tracked } from './registry.ts';
import type { ExecutionStatus } from './result.ts';

/** One line of the history. */
export interface ExecutionSummary {
  id: string;
  kind: 'execution' | 'plan';
  status: ExecutionStatus;
  /** Of a plan. */
  name: string | null;
  accepted_at: string;
  plan_id: string | null;
  step_id: string | null;
  metadata: Record<string, Json>;
}

/** The history, newest first. */
export function summarize(tracked: readonly Tracked[], options: ListOptions): ExecutionSummary[] {
  const { status, limit = 100 } = options;
  return tracked
    .filter((one) => status === undefined || one.status === status)
    .toReversed()
    .slice(0, limit)
    .map((one) => ({
      id: one.id,
      kind: one.kind,
      status: one.status,
      name: one.kind === 'plan' ? one.name : null,
      accepted_at: new Date(one.acceptedAt).toISOString(),
      plan_id: one.journal.scope.plan_id ?? null,
      step_id: one.journal.scope.step_id ?? null,
      metadata: one.kind === 'execution' ? one.metadata : {},
    }));
}
