import type { EndedExecution } from '../execution/ended.ts';
import type { Execution } from '../execution/execution.ts';
import type { Journal } from '../logs/journal.ts';
import { Signal } from '../logs/signal.ts';
import { durationText } from '../result.ts';
import type { ExecutionStatus } from '../result.ts';
import type { StoredPlan } from '../state/record.ts';
import type { Plan } from './plan.ts';
import type { PlanResult, StepResult } from './result.ts';

/**
 * A plan that an earlier engine accepted. Where that engine died before the plan's end, nothing of it is started any
 * more: it is `INTERRUPTED` once those of its steps have ended that still run.
 */
export class InheritedPlan {
  readonly kind = 'plan';
  readonly id: string;
  readonly plan: Plan;
  readonly journal: Journal;
  readonly acceptedAt: number;
  readonly accepted = Promise.resolve();
  readonly started: readonly (Execution | EndedExecution)[];
  readonly changed = new Signal();
  readonly ended: Promise<PlanResult>;
  #status: ExecutionStatus;

  /** @param save stores the result */
  constructor(
    record: StoredPlan,
    journal: Journal,
    steps: readonly (Execution | EndedExecution)[],
    save: (result: PlanResult) => Promise<void>,
  ) {
    this.id = record.id;
    this.plan = record.plan;
    this.journal = journal;
    this.acceptedAt = record.accepted_at;
    this.started = steps;
    this.#status = record.result?.status ?? 'running';
    this.ended = record.result === null ? this.#end(save) : Promise.resolve(record.result);
  }

  /** Where it stands. */
  get status(): ExecutionStatus {
    return this.#status;
  }

  /** Ends the steps that still run. The plan itself was interrupted before. */
  async cancel(): Promise<'cancelled' | 'already_finished'> {
    await Promise.all(this.started.map((step) => step.cancel()));
    const result = await this.ended;
    return result.status === 'cancelled' ? 'cancelled' : 'already_finished';
  }

  async #end(save: (result: PlanResult) => Promise<void>): Promise<PlanResult> {
    const results = new Map<string, StepResult>();
    for (const step of this.started) {
      const result = await step.ended;
      const id = step.journal.scope.step_id ?? '';
      const { status, error } = result;
      const ended: StepResult = { id, status, execution_id: step.id, result };
      results.set(id, error === null ? ended : { ...ended, error, reason: error.message });
    }
    const endedAt = Date.now();
    const result: PlanResult = {
      id: this.id,
      name: this.plan.name ?? null,
      status: 'failed',
      steps: this.plan.steps.map(
        ({ id }) => results.get(id) ?? { id, status: 'skipped', reason: 'the host died' },
      ),
      duration: durationText(endedAt - this.acceptedAt),
      duration_ms: endedAt - this.acceptedAt,
      started_at: new Date(this.acceptedAt).toISOString(),
      completed_at: new Date(endedAt).toISOString(),
      error: { code: 'INTERRUPTED', message: 'the host died before the plan had ended' },
    };
    await save(result).catch(() => {});
    this.#status = result.status;
    this.journal.end({ type: 'failed', result });
    this.changed.notify();
    return result;
  }
}
