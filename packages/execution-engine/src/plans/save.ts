import type { ExecutionContext } from '../execution/context.ts';
import { ownIdentity } from '../process/identity.ts';
import { bodyDigest } from '../state/body-digest.ts';
import { withoutSecrets } from '../state/secrets-apart.ts';
import type { PlanStart } from './resume.ts';
import type { PlanContext } from './run.ts';

/**
 * Stores how a plan stands. Rejects only where it could not be accepted: later, what cannot be stored is told to the
 * listener, since the plan goes on all the same.
 */
export function planSaver(
  id: string,
  { plan, earlier, adopted, resumedFrom }: PlanStart,
  { store, onUnstored }: Pick<ExecutionContext, 'store' | 'onUnstored'>,
): PlanContext['save'] {
  const acceptedAt = Date.now();
  const written = { ...plan, steps: plan.steps.map((step) => withoutSecrets(step)) };
  const body = store.durable ? bodyDigest(plan) : '';
  return async (stopped, result) => {
    if (!store.durable) return;
    const hasEnded = result !== null;
    const saved = store.save({
      version: 1,
      kind: 'plan',
      id,
      owner: ownIdentity(),
      accepted_at: acceptedAt,
      body,
      plan: result?.status === 'completed' ? null : written,
      name: plan.name ?? null,
      stopped,
      earlier: hasEnded ? [] : [...earlier.values()],
      adopted: Object.fromEntries([...adopted].map(([step, execution]) => [step, execution.id])),
      resumed_from: resumedFrom,
      result,
    });
    const isAcceptance = stopped === null && !hasEnded;
    await (isAcceptance ? saved : saved.catch(onUnstored));
  };
}
