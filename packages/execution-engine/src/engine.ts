import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ExecutionError } from './errors.ts';
import type { ExecutionErrorCode } from './errors.ts';
import type { EventHandler, ExecutionEvent } from './events.ts';
import { Execution } from './execution/execution.ts';
import { dispatch } from './handlers/dispatch.ts';
import { canonicalJson } from './json.ts';
import { prepareLogDir } from './logs/directory.ts';
import { Journal } from './logs/journal.ts';
import { replay } from './logs/replay.ts';
import { followText, readText } from './logs/text.ts';
import type { LogChunk, LogRange } from './logs/text.ts';
import { noMasking } from './masking/masker.ts';
import { resolveOptions } from './options.ts';
import type { EngineOptions, ResolvedOptions } from './options.ts';
import { directLauncher } from './process/direct.ts';
import { parseRequest } from './request.ts';
import type { ExecutionRequest } from './request.ts';
import type { ExecutionResult, ExecutionStatus } from './result.ts';
import { SlotQueue } from './scheduling/queue.ts';

/** Runs commands and plans in the background, streams what they say, and never loses track of one. */
export class ExecutionEngine {
  readonly #options: ResolvedOptions;
  readonly #queue: SlotQueue;
  readonly #launcher = directLauncher();
  readonly #executions = new Map<string, Execution>();
  readonly #handlers: EventHandler[] = [];
  readonly #dispatching = new Set<Promise<void>>();
  #logDirReady: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  /** @throws ExecutionError `INVALID_OPTIONS` */
  constructor(options: EngineOptions = {}) {
    this.#options = resolveOptions(options);
    this.#queue = new SlotQueue(this.#options.maxConcurrent);
  }

  /** Adds a handler, which gets the events of everything that is accepted from now on; returns the engine. */
  withEventHandler(handler: EventHandler): this {
    this.#handlers.push(handler);
    return this;
  }

  /**
   * Checks and accepts a request; it runs in the background.
   *
   * @returns its id; for an id that was used before with the same body, the same execution
   * @throws ExecutionError `INVALID_REQUEST`, `ID_CONFLICT`, `CLOSED`
   */
  async execute(
    request: ExecutionRequest,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<string> {
    return this.#accept(request, options.signal).id;
  }

  /**
   * Runs a command and waits for its end.
   *
   * @param options.check throw where it did not complete
   * @throws ExecutionError as `execute`; with `check` also the result's `error.code`, the result in `details.result`
   */
  async run(
    request: ExecutionRequest,
    options: { check?: boolean | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<ExecutionResult> {
    const result = await this.#accept(request, options.signal).ended;
    if (options.check && result.error !== null) {
      throw new ExecutionError(result.error.code as ExecutionErrorCode, result.error.message, {
        details: { result },
      });
    }
    return result;
  }

  /** @throws ExecutionError `NOT_FOUND` */
  async getStatus(id: string): Promise<ExecutionStatus> {
    return this.#find(id).status;
  }

  /** Resolves when it has ended; never rejects because the command failed. */
  async getResult(id: string): Promise<ExecutionResult> {
    return this.#find(id).ended;
  }

  /** Ends an execution, and resolves once it has ended. */
  async cancel(id: string): Promise<'cancelled' | 'already_finished'> {
    return this.#find(id).cancel();
  }

  /** The log as text. */
  async readLogs(id: string, range: LogRange = {}): Promise<string> {
    const { journal } = this.#find(id);
    await journal.flush();
    return journal.failure === null ? readText(journal.files.log, journal.flushedBytes, range) : '';
  }

  /** Every event from the first, then as they come, to the last. */
  events(id: string, options: { signal?: AbortSignal } = {}): AsyncGenerator<ExecutionEvent> {
    return replay(this.#find(id).journal, options.signal);
  }

  /** The log as it grows. */
  followLogs(
    id: string,
    options: { from?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<LogChunk> {
    return followText(this.#find(id).journal, options.from ?? 0, options.signal);
  }

  /** Ends everything; leaves no process behind. */
  async close(options: { mode?: 'drain' | 'kill' } = {}): Promise<void> {
    this.#closing ??= this.#close(options.mode ?? 'kill');
    await this.#closing;
  }

  async #close(mode: 'drain' | 'kill'): Promise<void> {
    const running = [...this.#executions.values()];
    await Promise.all(
      running.map((execution) => (mode === 'kill' ? execution.cancel() : execution.ended)),
    );
    await Promise.all(this.#dispatching);
    await this.#launcher.close();
  }

  #accept(input: ExecutionRequest, signal: AbortSignal | undefined): Execution {
    if (this.#closing !== null) throw new ExecutionError('CLOSED', 'the engine was closed');
    const request = parseRequest(input);
    const id = request.id ?? randomUUID();
    const known = this.#executions.get(id);
    if (known !== undefined) {
      if (canonicalJson({ ...known.request, id }) === canonicalJson({ ...request, id })) {
        return known;
      }
      throw new ExecutionError('ID_CONFLICT', `${id} was used for another request`, {
        details: { id },
      });
    }
    const { logDir, onHandlerError } = this.#options;
    this.#logDirReady ??= prepareLogDir(logDir);
    const files = { log: join(logDir, `${id}.log`), index: join(logDir, `${id}.index`) };
    const journal = new Journal({ execution_id: id }, files, this.#logDirReady);
    const execution = new Execution(id, request, journal, {
      launcher: this.#launcher,
      queue: this.#queue,
      masker: noMasking,
      awsCli: this.#options.awsCli,
      killGraceMs: this.#options.killGraceMs,
      maxCaptureBytes: this.#options.maxCaptureBytes,
    });
    this.#executions.set(id, execution);
    for (const handler of this.#handlers) {
      const dispatching = dispatch(handler, journal, onHandlerError).finally(() =>
        this.#dispatching.delete(dispatching),
      );
      this.#dispatching.add(dispatching);
    }
    if (signal?.aborted) void execution.cancel();
    signal?.addEventListener('abort', () => void execution.cancel(), { once: true });
    return execution;
  }

  #find(id: string): Execution {
    const execution = this.#executions.get(id);
    if (execution === undefined) {
      throw new ExecutionError('NOT_FOUND', `there is no execution ${id}`, { details: { id } });
    }
    return execution;
  }
}
