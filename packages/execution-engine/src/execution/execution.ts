import { setTimeout as delay } from 'node:timers/promises';
import type { AwsCliOptions } from '../commands/invocation.ts';
import { failureFrom } from '../errors.ts';
import type { Journal } from '../logs/journal.ts';
import type { Masker } from '../masking/masker.ts';
import type { Secrets } from '../masking/secrets.ts';
import { Capture } from '../output/capture.ts';
import { OutputPipeline } from '../output/pipeline.ts';
import type { Launcher } from '../process/launch.ts';
import type { ExecutionRequest } from '../request.ts';
import type { ExecutionResult, ExecutionStatus } from '../result.ts';
import type { SlotQueue } from '../scheduling/queue.ts';
import { runAttempt } from './attempt.ts';
import type { StopCause } from './attempt.ts';
import { failureOf, resultOf, retryDelayMs } from './outcome.ts';
import type { AttemptOutcome } from './outcome.ts';
import { prepare } from './prepare.ts';

/** What an execution needs of its engine. */
export interface ExecutionContext {
  engineId: string;
  launcher: Launcher;
  queue: SlotQueue;
  secrets: Secrets;
  awsCli: AwsCliOptions;
  killGraceMs: number;
  maxCaptureBytes: number;
}

const NOTHING_SAID = new Capture(0).finish();

/** One accepted request, from the queue to its result. */
export class Execution {
  readonly kind = 'execution';
  readonly id: string;
  readonly request: ExecutionRequest;
  readonly journal: Journal;
  readonly acceptedAt = Date.now();
  /** Resolves when it has ended, and never rejects. */
  readonly ended: Promise<ExecutionResult>;
  readonly #context: ExecutionContext;
  readonly #masker: Masker;
  readonly #stop = new AbortController();
  #status: ExecutionStatus = 'queued';
  #startedAt: number | null = null;
  #attempts = 0;
  #output = { stdout: NOTHING_SAID, stderr: NOTHING_SAID };

  constructor(id: string, request: ExecutionRequest, journal: Journal, context: ExecutionContext) {
    this.id = id;
    this.request = request;
    this.journal = journal;
    this.#context = context;
    this.#masker = context.secrets.masker(secretValues(request));
    this.ended = this.#run();
  }

  /** Where it stands. A terminal status means that log and result are complete. */
  get status(): ExecutionStatus {
    return this.#status;
  }

  /** When its first attempt began, in milliseconds; null while it waits. */
  get startedAt(): number | null {
    return this.#startedAt;
  }

  /** Asks it to end, and resolves once it has. */
  async cancel(): Promise<'cancelled' | 'already_finished'> {
    this.#requestStop('cancel');
    const result = await this.ended;
    return result.status === 'cancelled' ? 'cancelled' : 'already_finished';
  }

  #requestStop(cause: StopCause): void {
    this.#stop.abort(cause);
  }

  async #run(): Promise<ExecutionResult> {
    const outcome = await this.#attemptAll().catch((error: unknown): AttemptOutcome => ({
      ran: false,
      failure: failureFrom(error),
    }));
    await this.journal.flush();
    const failed = this.journal.failure;
    const result = resultOf({
      id: this.id,
      outcome: failed === null ? outcome : { ...outcome, failure: failureFrom(failed) },
      output: this.#output,
      startedAt: this.#startedAt,
      endedAt: Date.now(),
      logPath: failed === null ? this.journal.files.log : null,
      attempts: this.#attempts,
      metadata: this.request.metadata ?? {},
    });
    this.#status = result.status;
    this.journal.end({ type: result.status, result });
    return result;
  }

  async #attemptAll(): Promise<AttemptOutcome> {
    const signal = this.#stop.signal;
    for (;;) {
      const release = await this.#context.queue.acquire(this.request.priority ?? 0, signal);
      if (release === null) return cancelledEarly();
      let outcome: AttemptOutcome;
      try {
        outcome = await this.#attempt();
      } finally {
        release();
      }
      const pauseMs = retryDelayMs(this.request.retry ?? null, this.#attempts, outcome);
      if (pauseMs === null) return outcome;
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  async #attempt(): Promise<AttemptOutcome> {
    const { request, journal } = this;
    const context = this.#context;
    const pipeline = new OutputPipeline(
      (request.log ?? true) ? journal : null,
      this.#masker,
      request.max_capture_bytes ?? context.maxCaptureBytes,
    );
    this.#status = 'running';
    this.#startedAt ??= Date.now();
    this.#attempts += 1;
    try {
      await using prepared = disposable(
        await prepare({ execution: this.id, engine: context.engineId }, request, context.awsCli),
      );
      const { spec } = prepared;
      const end = await runAttempt({
        launcher: context.launcher,
        spec,
        sink: (stream, chunk) => {
          const pressure = pipeline.write(stream, chunk);
          if (journal.failure !== null) this.#requestStop('log_failure');
          return pressure;
        },
        timeoutMs: request.timeout_ms ?? null,
        idleTimeoutMs: request.idle_timeout_ms ?? null,
        killGraceMs: context.killGraceMs,
        stop: this.#stop.signal,
        onStarted: (pid) => {
          journal.event({
            type: 'started',
            pid,
            argv: [spec.program, ...spec.args].map((part) => this.#masker.maskText(part)),
            attempt: this.#attempts,
          });
        },
      });
      return { ran: true, end, failure: failureOf(end, request) };
    } catch (error) {
      return { ran: false, failure: failureFrom(error) };
    } finally {
      this.#output = pipeline.finish();
    }
  }
}

function disposable<Part extends { dispose: () => Promise<void> }>(part: Part) {
  return { ...part, [Symbol.asyncDispose]: () => part.dispose() };
}

function cancelledEarly(): AttemptOutcome {
  return { ran: false, failure: { code: 'CANCELLED', message: 'cancelled before it started' } };
}

/** The values of the variables that the request calls secret, from wherever the command gets them. */
function secretValues(request: ExecutionRequest): string[] {
  const inherited = (request.inherit_env ?? true) ? process.env : {};
  return (request.secrets ?? []).flatMap((name) => request.env?.[name] ?? inherited[name] ?? []);
}
