import { ExecutionError, failureFrom } from '../errors.ts';
import type { Execution } from '../execution/execution.ts';
import type { Json } from '../json.ts';
import type { JournalScope } from '../logs/entries.ts';
import type { Journal } from '../logs/journal.ts';
import { Signal } from '../logs/signal.ts';
import { parseRequest } from '../request.ts';
import type { ExecutionRequest } from '../request.ts';
import { durationText } from '../result.ts';
import type { ExecutionStatus, Failure } from '../result.ts';
import { requestOf } from './bind.ts';
import { endedStep, failureRules, reasonToSkip } from './decide.ts';
import type { EndedStep, PlanState } from './decide.ts';
import { dependantsOf, dependenciesOf } from './graph.ts';
import { readOutput } from './outputs.ts';
import type { Plan, PlanStep } from './plan.ts';
import { refTarget } from './refs.ts';
import type { PlanResult, StepResult } from './result.ts';

/** What a plan needs of its engine. */
export interface PlanContext {
  /** Starts a step's execution. */
  start: (request: ExecutionRequest, scope: Omit<JournalScope, 'execution_id'>) => Execution;
  /** Stores how it stands: at first without a result. */
  save: (result: PlanResult | null) => Promise<void>;
}

/** One accepted plan, from its first step to its result. */
export class PlanRun {
  readonly kind = 'plan';
  readonly id: string;
  readonly plan: Plan;
  readonly journal: Journal;
  readonly acceptedAt = Date.now();
  /** The executions of the steps that have started, in that order. */
  readonly started: Execution[] = [];
  /** Notified when `started` grows, and at the end. */
  readonly changed = new Signal();
  /** Resolves when it has ended, and never rejects. */
  readonly ended: Promise<PlanResult>;
  /** Resolves when it is stored. Never rejects: what goes wrong is in the result. */
  readonly accepted: Promise<void>;
  readonly #context: PlanContext;
  readonly #rules;
  readonly #dependencies: number[][];
  readonly #dependants: number[][];
  readonly #waitingFor: number[];
  readonly #results: (StepResult | undefined)[];
  readonly #facts: (EndedStep | undefined)[];
  readonly #indexes: Map<string, number>;
  readonly #running = new Map<number, Execution>();
  readonly #state: PlanState = { stopped: null, failedStep: null };
  #ready: number[] = [];
  #endedSteps = 0;
  #status: ExecutionStatus = 'running';
  #notStored: Failure | null = null;
  #finish: () => void = () => {};

  constructor(id: string, plan: Plan, journal: Journal, context: PlanContext) {
    this.id = id;
    this.plan = plan;
    this.journal = journal;
    this.#context = context;
    this.#rules = failureRules(plan);
    this.#dependencies = dependenciesOf(plan);
    this.#dependants = dependantsOf(this.#dependencies);
    this.#waitingFor = this.#dependencies.map((list) => list.length);
    this.#results = plan.steps.map(() => undefined);
    this.#facts = plan.steps.map(() => undefined);
    this.#indexes = new Map(plan.steps.map((step, index) => [step.id, index]));
    const stored = context.save(null);
    this.accepted = stored.catch(() => {});
    this.ended = this.#run(stored);
  }

  /** Where it stands. */
  get status(): ExecutionStatus {
    return this.#status;
  }

  /**
   * Ends the plan: running steps are cancelled, waiting ones skipped, and steps for `always` still run. A second call,
   * or `all`, ends those too.
   */
  async cancel(all = false): Promise<'cancelled' | 'already_finished'> {
    const everything = all || this.#state.stopped !== null;
    if (!this.#isOver()) {
      if (everything) this.#state.stopped = 'killed';
      else this.#state.stopped ??= 'cancelled';
    }
    this.#cancelRunning(everything ? ['success', 'failure', 'always'] : ['success', 'failure']);
    this.#schedule();
    const result = await this.ended;
    return result.status === 'cancelled' ? 'cancelled' : 'already_finished';
  }

  async #run(stored: Promise<void>): Promise<PlanResult> {
    const { plan } = this;
    this.journal.event({ type: 'started', pid: null, argv: [], attempt: 1 });
    const timer =
      plan.timeout_ms == null ? null : setTimeout(() => this.#timeOut(), plan.timeout_ms);
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    this.#ready = this.#waitingFor.flatMap((count, index) => (count === 0 ? [index] : []));
    try {
      // The caller gets the run before anything of it has happened.
      await stored;
      this.#schedule();
      await finished;
    } catch (error) {
      this.#notStored = failureFrom(error);
      this.#state.stopped = 'killed';
      this.#schedule();
    }
    clearTimeout(timer ?? undefined);
    await this.journal.flush();
    const result = this.#result();
    // A result that cannot be stored is still one.
    await this.#context.save(result).catch(() => {});
    this.#status = result.status;
    this.journal.end({ type: result.status, result });
    this.changed.notify();
    return result;
  }

  #timeOut(): void {
    if (!this.#isOver()) this.#state.stopped ??= 'timeout';
    this.#cancelRunning(['success', 'failure']);
    this.#schedule();
  }

  #isOver(): boolean {
    return this.#endedSteps === this.plan.steps.length;
  }

  #cancelRunning(kinds: readonly string[]): void {
    for (const [index, execution] of this.#running) {
      if (kinds.includes(this.plan.steps[index]?.when ?? 'success')) void execution.cancel();
    }
  }

  /** Starts or skips what is ready. A loop, not a recursion: a plan may be a chain of thousands. */
  #schedule(): void {
    const limit = maxConcurrency(this.plan);
    const held: number[] = [];
    for (let index = this.#ready.shift(); index !== undefined; index = this.#ready.shift()) {
      const step = this.plan.steps[index];
      if (step === undefined) continue;
      const reason = reasonToSkip(step, this.#factsBefore(index), this.#state, this.#rules);
      if (reason !== null) this.#end(index, { id: step.id, status: 'skipped', reason });
      else if (this.#running.size >= limit) held.push(index);
      else this.#startStep(index, step);
    }
    this.#ready = held;
  }

  #startStep(index: number, step: PlanStep): void {
    let execution: Execution;
    try {
      const request = parseRequest(requestOf(step, (ref) => this.#lookUp(ref)));
      execution = this.#context.start(request, { plan_id: this.id, step_id: step.id });
    } catch (error) {
      this.#end(index, { id: step.id, status: 'failed', ...failed(error) });
      return;
    }
    this.#running.set(index, execution);
    this.started.push(execution);
    this.changed.notify();
    void this.#settle(index, step, execution);
  }

  async #settle(index: number, step: PlanStep, execution: Execution): Promise<void> {
    const result = await execution.ended;
    this.#running.delete(index);
    const ended: StepResult = {
      id: step.id,
      status: result.status,
      execution_id: execution.id,
      result,
      ...(result.error !== null && { error: result.error, reason: result.error.message }),
    };
    if (result.status === 'completed') {
      try {
        ended.outputs = Object.fromEntries(
          Object.entries(step.outputs ?? {}).map(([name, source]) => [
            name,
            readOutput(name, source, result),
          ]),
        );
      } catch (error) {
        Object.assign(ended, { status: 'failed', ...failed(error) });
      }
    }
    this.#end(index, ended);
    this.#schedule();
  }

  #end(index: number, result: StepResult): void {
    const step = this.plan.steps[index];
    if (step === undefined) return;
    const fact = endedStep(step, result.status, this.#factsBefore(index), this.#rules);
    this.#results[index] = result;
    this.#facts[index] = fact;
    if (result.status === 'failed' && !(step.allow_failure ?? false)) {
      this.#state.failedStep ??= step.id;
      if (this.#rules.kills) this.#cancelRunning(['success']);
    }
    for (const dependant of this.#dependants[index] ?? []) {
      const left = (this.#waitingFor[dependant] ?? 0) - 1;
      this.#waitingFor[dependant] = left;
      if (left === 0) this.#ready.push(dependant);
    }
    this.#endedSteps += 1;
    this.journal.event({
      type: 'progress',
      completed: this.#endedSteps,
      total: this.plan.steps.length,
      message: `step ${step.id} ${result.status}`,
    });
    if (this.#isOver()) this.#finish();
  }

  #factsBefore(index: number): EndedStep[] {
    return (this.#dependencies[index] ?? []).flatMap((before) => this.#facts[before] ?? []);
  }

  #lookUp(ref: string): Json {
    const target = refTarget(ref);
    const value =
      target?.kind === 'parameter'
        ? this.plan.parameters?.[target.name]
        : target?.kind === 'output'
          ? this.#results[this.#indexes.get(target.step) ?? -1]?.outputs?.[target.name]
          : undefined;
    if (value !== undefined) return value;
    throw new ExecutionError('REF_UNRESOLVED', `${ref} has no value: its step did not succeed`, {
      details: { ref },
    });
  }

  #result(): PlanResult {
    const endedAt = Date.now();
    const durationMs = endedAt - this.acceptedAt;
    const error = this.#error();
    return {
      id: this.id,
      name: this.plan.name ?? null,
      status: error === null ? 'completed' : error.code === 'CANCELLED' ? 'cancelled' : 'failed',
      steps: this.#results.flatMap((result) => result ?? []),
      duration: durationText(durationMs),
      duration_ms: durationMs,
      started_at: new Date(this.acceptedAt).toISOString(),
      completed_at: new Date(endedAt).toISOString(),
      error,
    };
  }

  #error(): Failure | null {
    const { stopped, failedStep } = this.#state;
    if (this.#notStored !== null) return this.#notStored;
    if (stopped === 'timeout') {
      return { code: 'TIMEOUT', message: `the plan took longer than ${this.plan.timeout_ms} ms` };
    }
    if (stopped !== null) return { code: 'CANCELLED', message: 'the plan was cancelled' };
    return failedStep === null
      ? null
      : { code: 'STEP_FAILED', message: `step ${failedStep} failed` };
  }
}

function maxConcurrency({ strategy }: Plan): number {
  return strategy.type === 'serial' ? 1 : (strategy.max_concurrency ?? Number.POSITIVE_INFINITY);
}

function failed(error: unknown): { error: Failure; reason: string } {
  const failure = failureFrom(error);
  return { error: failure, reason: failure.message };
}
