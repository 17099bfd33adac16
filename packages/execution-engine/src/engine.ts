import { randomUUID } from 'node:crypto';
import {
  CloseOptions,
  FollowOptions,
  ListOptions,
  LogRangeSchema,
  ResumeOptions,
  RunOptions,
  SubmitOptions,
  SubmitPlanOptionsSchema,
  checkOptions,
  requireHandler,
  requireSecret,
} from './call-options.ts';
import type { SubmitPlanOptions } from './call-options.ts';
import { startParts } from './engine-parts.ts';
import type { EngineParts } from './engine-parts.ts';
import { ExecutionError } from './errors.ts';
import type { EventHandler, ExecutionEvent } from './events.ts';
import { summarize } from './history.ts';
import type { ExecutionSummary } from './history.ts';
import type { LogChunk, LogRange } from './logs/text.ts';
import type { EngineMetrics } from './metrics.ts';
import { resolveOptions } from './options.ts';
import type { EngineOptions } from './options.ts';
import { checkPlan } from './plans/check.ts';
import type { Plan } from './plans/plan.ts';
import type { PlanResult } from './plans/result.ts';
import { resumablePlan } from './plans/resumable.ts';
import { checkEarlier, freshPlan, resumedPlan } from './plans/resume.ts';
import { followEvents, followLog, readLog } from './reading.ts';
import type { Registry } from './registry.ts';
import { parseRequest } from './request.ts';
import type { ExecutionRequest } from './request.ts';
import type { ExecutionResult, ExecutionStatus } from './result.ts';
import { cancelAll, shutDown } from './shutdown.ts';
import { ENDING_SIGNALS, endOnSignals } from './signals.ts';
import { submitPlan, submitRequest } from './submit.ts';

/** Runs commands and plans in the background, streams what they say, and never loses track of one. */
export class ExecutionEngine {
  readonly #parts: EngineParts;
  readonly #registry: Registry;
  /** Resolves when what earlier engines left was taken over. */
  readonly #recovered: Promise<void>;
  #closing: Promise<void> | null = null;

  /** @throws ExecutionError `INVALID_OPTIONS` */
  constructor(options: EngineOptions = {}) {
    this.#parts = startParts(randomUUID(), resolveOptions(options));
    this.#registry = this.#parts.registry;
    this.#recovered = this.#registry.recover();
    // Whoever calls next hears of it.
    this.#recovered.catch(() => {});
  }

  /** Adds a handler, which gets the events of everything that is accepted from now on; returns the engine. */
  withEventHandler(handler: EventHandler): this {
    requireHandler(handler);
    this.#registry.audience.add(handler);
    return this;
  }

  /**
   * Masks a value in everything that is put out from now on, in every execution. Values shorter than 4 characters are
   * not masked: they would shred the output.
   *
   * @throws ExecutionError `INVALID_OPTIONS` for what is no text
   */
  registerSecret(value: string): void {
    requireSecret(value);
    this.#parts.secrets.register(value);
  }

  /**
   * Checks and accepts a request; it runs in the background.
   *
   * @returns its id; for an id that was used before with the same body, that of the same execution
   * @throws ExecutionError `INVALID_REQUEST`, `ID_CONFLICT`, `CLOSED`
   */
  async execute(request: ExecutionRequest, options: SubmitOptions = {}): Promise<string> {
    const checked = parseRequest(request);
    const { signal } = checkOptions(SubmitOptions, options);
    await this.#recovered;
    this.#requireOpen();
    return submitRequest(this.#registry, checked, signal);
  }

  /**
   * Runs a command and waits for its end.
   *
   * @param options.check throw where it did not complete
   * @throws ExecutionError as `execute`; with `check` also the result's `error.code`, with the result in `details.result`
   */
  async run(request: ExecutionRequest, options: RunOptions = {}): Promise<ExecutionResult> {
    const { check, signal } = checkOptions(RunOptions, options);
    const result = await this.getResult(await this.execute(request, { signal }));
    if (check && result.error !== null) {
      throw new ExecutionError(result.error.code, result.error.message, { details: { result } });
    }
    return result;
  }

  /**
   * Checks a plan completely and starts it; it runs in the background.
   *
   * @returns its id, as for `execute`
   * @throws ExecutionError `PLAN_INVALID`, `ID_CONFLICT`, `CLOSED`
   */
  async executePlan(plan: Plan, options: SubmitPlanOptions = {}): Promise<string> {
    const checked = checkPlan(plan);
    const { signal, earlier } = checkOptions(SubmitPlanOptionsSchema, options);
    const from = freshPlan(checked, checkEarlier(checked, earlier ?? []));
    await this.#recovered;
    this.#requireOpen();
    return submitPlan(this.#registry, from, checked.id ?? null, signal);
  }

  /**
   * Goes on with a plan that failed, was cancelled, or whose host died: as a new plan, in which every step that ran
   * keeps its result and outputs, one that runs still is taken over, and the others run now.
   *
   * @param options.rerun which of those that ran run once more: `interrupted` where their host died, `failed` for all that
   * did not complete, or a list of ids. Default none: only the caller knows whether that is safe.
   * @returns the id of the new plan
   * @throws ExecutionError `NOT_FOUND`, `WRONG_KIND`, `NOT_RESUMABLE` where it runs here or has completed, or a step has lost its secrets,
   * `INVALID_OPTIONS`, `ID_CONFLICT`, `CLOSED`
   */
  async resumePlan(id: string, options: ResumeOptions = {}): Promise<string> {
    const { rerun, id: newId, signal } = checkOptions(ResumeOptions, options);
    await this.#recovered;
    const before = await resumablePlan(this.#registry.findPlan(id));
    this.#requireOpen();
    const from = resumedPlan(before, rerun ?? null);
    return submitPlan(this.#registry, from, newId ?? null, signal);
  }

  /**
   * Where an execution or a plan stands. A terminal status means that its result and log are complete.
   *
   * @throws ExecutionError `NOT_FOUND`
   */
  async getStatus(id: string): Promise<ExecutionStatus> {
    await this.#recovered;
    return this.#registry.find(id).status;
  }

  /**
   * Resolves when the execution has ended. It does not reject because the command failed.
   *
   * @throws ExecutionError `NOT_FOUND`, `WRONG_KIND`
   */
  async getResult(id: string): Promise<ExecutionResult> {
    await this.#recovered;
    return this.#registry.findExecution(id).ended;
  }

  /**
   * Resolves when the plan has ended.
   *
   * @throws ExecutionError `NOT_FOUND`, `WRONG_KIND`
   */
  async getPlanResult(id: string): Promise<PlanResult> {
    await this.#recovered;
    return this.#registry.findPlan(id).ended;
  }

  /**
   * Ends an execution or a plan, and resolves once it has ended. `already_finished` where its end was seen first.
   *
   * @throws ExecutionError `NOT_FOUND`
   */
  async cancel(id: string): Promise<'cancelled' | 'already_finished'> {
    await this.#recovered;
    return this.#registry.find(id).cancel();
  }

  /**
   * The log of an execution as text: what it has said so far, masked, in order of arrival. Empty where there is none.
   * Also of an execution of another process with the same `logDir`.
   *
   * @throws ExecutionError `NOT_FOUND`, `WRONG_KIND`, `LOG_TOO_LARGE`, `LOG_UNREADABLE`
   */
  async readLogs(id: string, range: LogRange = {}): Promise<string> {
    const checked = checkOptions(LogRangeSchema, range);
    await this.#recovered;
    return readLog(this.#registry, id, checked);
  }

  /**
   * The log of an execution as it grows, from a byte offset to its end.
   *
   * @throws ExecutionError `NOT_FOUND`, `WRONG_KIND`; while reading `LOG_UNREADABLE`
   */
  async *followLogs(id: string, options: FollowOptions = {}): AsyncGenerator<LogChunk> {
    const { from, signal } = checkOptions(FollowOptions, options);
    await this.#recovered;
    yield* followLog(this.#registry, id, from ?? 0, signal);
  }

  /**
   * Every event of an execution or a plan from the first, then as they come, to the last. A plan's include those of
   * its steps.
   *
   * @throws ExecutionError `NOT_FOUND`; while reading `LOG_UNREADABLE`
   */
  async *events(id: string, options: SubmitOptions = {}): AsyncGenerator<ExecutionEvent> {
    const { signal } = checkOptions(SubmitOptions, options);
    await this.#recovered;
    yield* followEvents(this.#registry, id, signal);
  }

  /** Executions and plans, newest first. */
  async list(options: ListOptions = {}): Promise<ExecutionSummary[]> {
    const checked = checkOptions(ListOptions, options);
    await this.#recovered;
    return summarize(this.#registry.all, checked);
  }

  /** Starts nothing more until `resume`. What runs goes on, and what is submitted waits. */
  pause(): void {
    this.#parts.queue.pause();
  }

  /** Goes on after `pause`. */
  resume(): void {
    this.#parts.queue.resume();
  }

  /** How much waits, runs and has ended, and what starting processes costs. */
  metrics(): EngineMetrics {
    return {
      queued: this.#parts.queue.waiting,
      running: this.#parts.queue.holders,
      ...this.#parts.meter.read(),
    };
  }

  /**
   * Closes with `kill` when the host gets one of these signals, and then lets the signal have its way. Without this,
   * signals are the host's business alone.
   *
   * @returns takes the listeners away again
   */
  killOnSignals(signals: readonly NodeJS.Signals[] = ENDING_SIGNALS): () => void {
    return endOnSignals(signals, () => this.close({ mode: 'kill' }));
  }

  /**
   * Ends everything and accepts nothing any more: `drain` (default) waits for what was accepted, `kill` cancels it. A
   * second call with `kill` hurries a draining one. Waits up to `handlerGraceMs` for handlers that are behind.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const { mode } = checkOptions(CloseOptions, options);
    this.#closing ??= this.#recovered.catch(() => {}).then(() => shutDown(this.#parts));
    if (mode === 'kill') {
      await this.#recovered.catch(() => {});
      cancelAll(this.#registry);
    }
    await this.#closing;
  }

  /** As `close({ mode: 'kill' })`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ mode: 'kill' });
  }

  #requireOpen(): void {
    if (this.#closing !== null) {
      throw new ExecutionError('CLOSED', 'the engine is closed and takes nothing new');
    }
  }
}
