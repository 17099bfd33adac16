import type { EndedExecution } from '../execution/ended.ts';
import type { Execution } from '../execution/execution.ts';
import type { Journal } from '../logs/journal.ts';
import { Signal } from '../logs/signal.ts';
import type { ExecutionStatus, Failure } from '../result.ts';
import { isDigestOf } from '../state/body-digest.ts';
import type { StoredPlan } from '../state/record.ts';
import type { Plan, PlanStep } from './plan.ts';
import { planResultOf } from './result.ts';
import type { PlanResult, StepResult } from './result.ts';
import type { ResumablePlan } from './resume.ts';
import { failureOfPlan } from './run.ts';
import { stepResultOf } from './settle.ts';

/**
 * A plan that an earlier engine accepted. Where that engine died before the plan's end, nothing of it is started any
 * more: it is `INTERRUPTED` once those of its steps have ended that still run. A new plan may go on with it.
 */
export class InheritedPlan {
  readonly kind = 'plan';
  readonly id: string;
  /** Null where it completed: there is nothing in it to go on with. */
  readonly plan: Plan | null;
  readonly name: string | null;
  readonly journal: Journal;
  readonly acceptedAt: number;
  readonly accepted = Promise.resolve();
  readonly started: readonly (Execution | EndedExecution)[];
  readonly changed = new Signal();
  readonly ended: Promise<PlanResult>;
  readonly #record: StoredPlan;
  #result: PlanResult | null;

  /**
   * @param started the executions of its steps
   * @param save stores the result
   */
  constructor(
    record: StoredPlan,
    journal: Journal,
    started: readonly (Execution | EndedExecution)[],
    save: (result: PlanResult) => Promise<void>,
  ) {
    this.id = record.id;
    this.plan = record.plan;
    this.name = record.name;
    this.journal = journal;
    this.acceptedAt = record.accepted_at;
    this.started = started;
    this.#record = record;
    this.#result = record.result;
    this.ended = record.result === null ? this.#end(save) : Promise.resolve(record.result);
  }

  /** Where it stands. */
  get status(): ExecutionStatus {
    return this.#result?.status ?? 'running';
  }

  /** Whether this is what was asked for under its id. */
  hasBody(body: object): boolean {
    return isDigestOf(this.#record.body, body);
  }

  /** Ends the steps that still run. The plan itself was interrupted before. */
  async cancel(): Promise<'cancelled' | 'already_finished'> {
    await Promise.all(this.started.map((step) => step.cancel()));
    const result = await this.ended;
    return result.status === 'cancelled' ? 'cancelled' : 'already_finished';
  }

  /** What a new plan can go on with, now. */
  async resumable(): Promise<Omit<ResumablePlan, 'plan'>> {
    const stepOf = this.#steps();
    const results: StepResult[] = [...this.#record.earlier];
    const running = new Map<string, Execution | EndedExecution>();
    for (const execution of this.started) {
      const step = stepOf(execution);
      if (step === undefined) continue;
      const isRunning = execution.status === 'running' || execution.status === 'queued';
      if (isRunning) running.set(step.id, execution);
      else results.push(stepResultOf(step, await execution.ended));
    }
    return { id: this.id, results, running };
  }

  #steps(): (execution: Execution | EndedExecution) => PlanStep | undefined {
    const steps = new Map((this.plan?.steps ?? []).map((step) => [step.id, step]));
    return ({ journal }) => steps.get(journal.scope.step_id ?? '');
  }

  async #end(save: (result: PlanResult) => Promise<void>): Promise<PlanResult> {
    const stepOf = this.#steps();
    const results = new Map(this.#record.earlier.map((result) => [result.id, result]));
    for (const execution of this.started) {
      const step = stepOf(execution);
      const result = await execution.ended;
      if (step !== undefined) results.set(step.id, stepResultOf(step, result));
    }
    const steps = (this.plan?.steps ?? []).map(
      ({ id }): StepResult => results.get(id) ?? { id, status: 'skipped', reason: 'the host died' },
    );
    const result = planResultOf({
      id: this.id,
      name: this.name,
      steps,
      startedAt: this.acceptedAt,
      durationMs: Date.now() - this.acceptedAt,
      error: this.#failure(),
      resumedFrom: this.#record.resumed_from,
    });
    await save(result);
    this.#result = result;
    this.journal.end({ type: result.status, result });
    this.changed.notify();
    return result;
  }

  #failure(): Failure {
    const { stopped } = this.#record;
    const stop = stopped === null || this.plan === null ? null : { stopped, failedStep: null };
    const interrupted = 'the host died before the plan had ended';
    return (
      (stop && this.plan && failureOfPlan(this.plan, stop)) ?? {
        code: 'INTERRUPTED',
        message: interrupted,
      }
    );
  }
}
