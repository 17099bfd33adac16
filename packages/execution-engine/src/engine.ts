import { randomUUID } from 'node:crypto';
import { ExecutionError } from './errors.ts';
import type { EventHandler, ExecutionEvent } from './events.ts';
import { summarize } from './history.ts';
import type { ExecutionSummary, ListOptions } from './history.ts';
import { replay } from './logs/replay.ts';
import { followText, readText } from './logs/text.ts';
import type { LogChunk, LogRange } from './logs/text.ts';
import { Secrets } from './masking/secrets.ts';
import { Meter } from './metrics.ts';
import type { EngineMetrics } from './metrics.ts';
import { resolveOptions } from './options.ts';
import type { EngineOptions, ResolvedOptions } from './options.ts';
import { checkPlan } from './plans/check.ts';
import { planEvents } from './plans/events.ts';
import type { Plan } from './plans/plan.ts';
import type { PlanResult } from './plans/result.ts';
import { createLauncher } from './process/create-launcher.ts';
import type { Launcher } from './process/launch.ts';
import { Registry } from './registry.ts';
import { parseRequest } from './request.ts';
import type { ExecutionRequest } from './request.ts';
import type { ExecutionResult, ExecutionStatus } from './result.ts';
import { cancelOnAbort, shutDown } from './shutdown.ts';
import { ENDING_SIGNALS, endOnSignals } from './signals.ts';
import { SlotQueue } from './scheduling/queue.ts';
import { FileStateStore } from './state/file-store.ts';
import { memoryStore } from './state/store.ts';

/** How to submit something. */
export interface SubmitOptions {
  /** Cancels it when aborted. */
  signal?: AbortSignal | undefined;
}

/** Runs commands and plans in the background, streams what they say, and never loses track of one. */
export class ExecutionEngine {
  readonly #options: ResolvedOptions;
  readonly #id = randomUUID();
  readonly #launcher: Launcher;
  readonly #secrets: Secrets;
  readonly #queue: SlotQueue;
  readonly #meter: Meter;
  readonly #registry: Registry;
  /** Resolves when what earlier engines left was taken over. */
  readonly #recovered: Promise<void>;
  #closing: Promise<void> | null = null;

  /** @throws ExecutionError `INVALID_OPTIONS` */
  constructor(options: EngineOptions = {}) {
    this.#options = resolveOptions(options);
    const { maxConcurrent, awsCli, killGraceMs, maxCaptureBytes, maskAwsKeys, stateDir, onMetric } =
      this.#options;
    this.#secrets = new Secrets(maskAwsKeys);
    this.#queue = new SlotQueue(maxConcurrent);
    this.#meter = new Meter(onMetric);
    this.#launcher = createLauncher(this.#id, this.#options);
    this.#registry = new Registry(this.#options, {
      engineId: this.#id,
      launcher: this.#launcher,
      queue: this.#queue,
      secrets: this.#secrets,
      store: stateDir === null ? memoryStore : new FileStateStore(stateDir),
      meter: this.#meter,
      awsCli,
      killGraceMs,
      maxCaptureBytes,
    });
    this.#recovered = this.#registry.recover();
    // Whoever calls next hears of it.
    this.#recovered.catch(() => {});
  }

  /** Adds a handler, which gets the events of everything that is accepted from now on; returns the engine. */
  withEventHandler(handler: EventHandler): this {
    this.#registry.addHandler(handler);
    return this;
  }

  /**
   * Masks a value in everything that is put out from now on, in every execution. Values shorter than 4 characters are
   * not masked: they would shred the output.
   */
  registerSecret(value: string): void {
    this.#secrets.register(value);
  }

  /**
   * Checks and accepts a request; it runs in the background.
   *
   * @returns its id; for an id that was used before with the same body, that of the same execution
   * @throws ExecutionError `INVALID_REQUEST`, `ID_CONFLICT`, `CLOSED`
   */
  async execute(request: ExecutionRequest, options: SubmitOptions = {}): Promise<string> {
    const checked = parseRequest(request);
    await this.#recovered;
    this.#requireOpen();
    const id = checked.id ?? randomUUID();
    const execution =
      this.#registry.repeated(id, checked) ?? this.#registry.startExecution(id, checked);
    cancelOnAbort(execution, options.signal);
    await execution.accepted;
    return id;
  }

  /**
   * Runs a command and waits for its end.
   *
   * @param options.check throw where it did not complete
   * @throws ExecutionError as `execute`; with `check` also the result's `error.code`, with the result in `details.result`
   */
  async run(
    request: ExecutionRequest,
    options: SubmitOptions & { check?: boolean | undefined } = {},
  ): Promise<ExecutionResult> {
    const result = await this.getResult(await this.execute(request, options));
    if (options.check && result.error !== null) {
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
  async executePlan(plan: Plan, options: SubmitOptions = {}): Promise<string> {
    const checked = checkPlan(plan);
    await this.#recovered;
    this.#requireOpen();
    const id = checked.id ?? randomUUID();
    const run = this.#registry.repeated(id, checked) ?? this.#registry.startPlan(id, checked);
    cancelOnAbort(run, options.signal);
    await run.accepted;
    return id;
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
    await this.#recovered;
    const log = await this.#registry.findLog(id);
    return readText(log.files.log, log.flushedBytes, range);
  }

  /**
   * The log of an execution as it grows, from a byte offset to its end.
   *
   * @throws ExecutionError `NOT_FOUND`, `WRONG_KIND`; while reading `LOG_UNREADABLE`
   */
  async *followLogs(
    id: string,
    options: { from?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<LogChunk> {
    await this.#recovered;
    const log = await this.#registry.findLog(id);
    yield* followText(log, options.from ?? 0, options.signal);
  }

  /**
   * Every event of an execution or a plan from the first, then as they come, to the last. A plan's include those of
   * its steps.
   *
   * @throws ExecutionError `NOT_FOUND`; while reading `LOG_UNREADABLE`
   */
  async *events(
    id: string,
    options: { signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<ExecutionEvent> {
    await this.#recovered;
    const tracked = this.#registry.find(id);
    yield* tracked.kind === 'plan'
      ? planEvents(tracked, options.signal)
      : replay(tracked.journal, options.signal);
  }

  /** Executions and plans, newest first. */
  async list(options: ListOptions = {}): Promise<ExecutionSummary[]> {
    await this.#recovered;
    return summarize(this.#registry.all, options);
  }

  /** Starts nothing more until `resume`. What runs goes on, and what is submitted waits. */
  pause(): void {
    this.#queue.pause();
  }

  /** Goes on after `pause`. */
  resume(): void {
    this.#queue.resume();
  }

  /** How much waits, runs and has ended, and what starting processes costs. */
  metrics(): EngineMetrics {
    return { queued: this.#queue.waiting, running: this.#queue.used, ...this.#meter.read() };
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
  async close(options: { mode?: 'drain' | 'kill' | undefined } = {}): Promise<void> {
    this.#closing ??= this.#close();
    if (options.mode === 'kill') {
      await this.#recovered.catch(() => {});
      for (const tracked of this.#registry.all) {
        void (tracked.kind === 'plan' ? tracked.cancel(true) : tracked.cancel());
      }
    }
    await this.#closing;
  }

  /** As `close({ mode: 'kill' })`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ mode: 'kill' });
  }

  async #close(): Promise<void> {
    await this.#recovered.catch(() => {});
    await shutDown(this.#id, this.#registry, this.#launcher, this.#options);
  }

  #requireOpen(): void {
    if (this.#closing !== null) {
      throw new ExecutionError('CLOSED', 'the engine is closed and takes nothing new');
    }
  }
}
