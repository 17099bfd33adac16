import { failureFrom } from '../errors.ts';
import type { EndedExecution } from '../execution/ended.ts';
import type { Execution } from '../execution/execution.ts';
import { canonicalJson } from '../json.ts';
import type { JournalScope } from '../logs/entries.ts';
import type { Journal } from '../logs/journal.ts';
import { Signal } from '../logs/signal.ts';
import { parseRequest } from '../request.ts';
import type { ExecutionRequest } from '../request.ts';
import type { ExecutionStatus, Failure } from '../result.ts';
import { requestOf } from './bind.ts';
import type { PlanState } from './decide.ts';
import type { Plan, PlanStep } from './plan.ts';
import { planResultOf } from './result.ts';
import type { PlanResult } from './result.ts';
import type { PlanStart } from './resume.ts';
import { StepSchedule } from './schedule.ts';
import { failedStep, stepResultOf } from './settle.ts';

/** What a plan needs of its engine. */
export interface PlanContext {
  /** Starts a step's execution. */
  start: (request: ExecutionRequest, scope: Omit<JournalScope, 'execution_id'>) => Execution;
  /** Stores how it stands: at first neither stopped nor with a result. */
  save: (stopped: PlanState['stopped'], result: PlanResult | null) => Promise<void>;
}

/** One accepted plan, from its first step to its result. */
export class PlanRun {
  readonly kind = 'plan';
  readonly id: string;
  readonly plan: Plan;
  readonly journal: Journal;
  readonly acceptedAt = Date.now();
  /** The executions of the steps that have started, in that order. */
  readonly started: (Execution | EndedExecution)[] = [];
  /** Notified when `started` grows, and at the end. */
  readonly changed = new Signal();
  /** Resolves when it has ended, and never rejects. */
  readonly ended: Promise<PlanResult>;
  /** Resolves when it is stored. Never rejects: what goes wrong is in the result. */
  readonly accepted: Promise<void>;
  readonly #begunAt = performance.now();
  readonly #from: PlanStart;
  readonly #context: PlanContext;
  readonly #schedule: StepSchedule;
  readonly #running = new Map<number, Execution | EndedExecution>();
  #status: ExecutionStatus = 'running';
  #notStored: Failure | null = null;
  #finish: () => void = () => {};

  constructor(id: string, from: PlanStart, journal: Journal, context: PlanContext) {
    this.id = id;
    this.plan = from.plan;
    this.journal = journal;
    this.#from = from;
    this.#context = context;
    this.#schedule = new StepSchedule(from.plan, from.earlier, ({ id: step, status }, ended) => {
      const message = `step ${step} ${status}`;
      journal.event({ type: 'progress', completed: ended, total: this.plan.steps.length, message });
    });
    const stored = context.save(null, null);
    this.accepted = stored.catch(() => {});
    this.ended = this.#run(stored);
  }

  /** Where it stands. */
  get status(): ExecutionStatus {
    return this.#status;
  }

  /** What its maker calls it. */
  get name(): string | null {
    return this.plan.name ?? null;
  }

  /** Whether this is what was asked for under its id. */
  hasBody(body: object): boolean {
    return canonicalJson({ ...this.plan, id: null }) === canonicalJson({ ...body, id: null });
  }

  /**
   * Ends the plan: running steps are cancelled, waiting ones skipped, and steps for `always` still run. A second call,
   * or `all`, ends those too.
   */
  async cancel(all = false): Promise<'cancelled' | 'already_finished'> {
    const everything = all || this.#schedule.state.stopped !== null;
    this.#stop(everything ? 'killed' : 'cancelled');
    this.#cancelRunning(everything ? ['success', 'failure', 'always'] : ['success', 'failure']);
    this.#startReady();
    const result = await this.ended;
    return result.status === 'cancelled' ? 'cancelled' : 'already_finished';
  }

  async #run(stored: Promise<void>): Promise<PlanResult> {
    this.journal.event({ type: 'started', pid: null, argv: [], attempt: 1 });
    const { timeout_ms: timeoutMs } = this.plan;
    const timer = timeoutMs == null ? undefined : setTimeout(() => this.#timeOut(), timeoutMs);
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    try {
      // The caller gets the run before anything of it has happened.
      await stored;
      this.#adopt();
      this.#startReady();
      await finished;
    } catch (error) {
      this.#notStored = failureFrom(error);
      this.#schedule.state.stopped = 'killed';
      this.#startReady();
    }
    clearTimeout(timer);
    await this.journal.flush();
    const result = this.#result();
    await this.#context.save(this.#schedule.state.stopped, result);
    this.#status = result.status;
    this.journal.end({ type: result.status, result });
    this.changed.notify();
    return result;
  }

  /** Takes over what an earlier plan started and what still runs. */
  #adopt(): void {
    for (const [id, execution] of this.#from.adopted) {
      const index = this.#schedule.indexOf(id);
      const step = this.plan.steps[index ?? -1];
      if (index === undefined || step === undefined) continue;
      this.#schedule.begin(index);
      this.#follow(index, step, execution);
    }
  }

  #timeOut(): void {
    this.#stop('timeout');
    this.#cancelRunning(['success', 'failure']);
    this.#startReady();
  }

  #stop(why: 'cancelled' | 'timeout' | 'killed'): void {
    const { state, isOver } = this.#schedule;
    if (isOver || (state.stopped !== null && why !== 'killed')) return;
    const first = state.stopped === null;
    state.stopped = why;
    // A plan that was stopped must not be taken for one that may go on, should the host die now.
    if (first) void this.#context.save(why, null);
  }

  #cancelRunning(kinds: readonly string[]): void {
    for (const [index, execution] of this.#running) {
      if (kinds.includes(this.plan.steps[index]?.when ?? 'success')) void execution.cancel();
    }
  }

  /** A loop, not a recursion: a plan may be a chain of thousands. */
  #startReady(): void {
    const limit = maxConcurrency(this.plan);
    for (;;) {
      const next = this.#schedule.take(this.#running.size < limit);
      if (next === null) break;
      const { index, step } = next;
      try {
        const request = parseRequest(requestOf(step, (ref) => this.#schedule.lookUp(ref)));
        const scope = { plan_id: this.id, step_id: step.id };
        this.#follow(index, step, this.#context.start(request, scope));
      } catch (error) {
        this.#schedule.end(index, failedStep(step.id, error));
      }
    }
    this.#killAfterFailure();
    if (this.#schedule.isOver) this.#finish();
  }

  #follow(index: number, step: PlanStep, execution: Execution | EndedExecution): void {
    this.#running.set(index, execution);
    this.started.push(execution);
    this.changed.notify();
    void this.#settle(index, step, execution);
  }

  async #settle(
    index: number,
    step: PlanStep,
    execution: Execution | EndedExecution,
  ): Promise<void> {
    const result = await execution.ended;
    this.#running.delete(index);
    this.#schedule.end(index, stepResultOf(step, result));
    this.#startReady();
  }

  #killAfterFailure(): void {
    const { rules, state } = this.#schedule;
    if (rules.kills && state.failedStep !== null) this.#cancelRunning(['success']);
  }

  #result(): PlanResult {
    return planResultOf({
      id: this.id,
      name: this.name,
      steps: this.#schedule.results,
      startedAt: this.acceptedAt,
      durationMs: performance.now() - this.#begunAt,
      error: this.#notStored ?? failureOfPlan(this.plan, this.#schedule.state),
      resumedFrom: this.#from.resumedFrom,
    });
  }
}

/** Why a plan as a whole did not succeed; null where it did. */
export function failureOfPlan(plan: Plan, { stopped, failedStep: id }: PlanState): Failure | null {
  if (stopped === 'timeout') {
    return { code: 'TIMEOUT', message: `the plan took longer than ${plan.timeout_ms} ms` };
  }
  if (stopped !== null) return { code: 'CANCELLED', message: 'the plan was cancelled' };
  return id === null ? null : { code: 'STEP_FAILED', message: `step ${id} failed` };
}

function maxConcurrency({ strategy }: Plan): number {
  return strategy.type === 'serial' ? 1 : (strategy.max_concurrency ?? Number.POSITIVE_INFINITY);
}
