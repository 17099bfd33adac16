import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { ExecutionError } from './errors.ts';
import type { EndedExecution } from './execution/ended.ts';
import { Execution } from './execution/execution.ts';
import type { ExecutionContext } from './execution/context.ts';
import { Audience } from './handlers/audience.ts';
import { logFailure, prepareLogDir } from './logs/directory.ts';
import type { JournalScope } from './logs/entries.ts';
import { Journal } from './logs/journal.ts';
import { ForeignLog } from './logs/foreign.ts';
import type { LogSource } from './logs/text.ts';
import { keepYoung } from './logs/keep-young.ts';
import { STRANGERS_STAY_MS, removeOldLogs } from './logs/retention.ts';
import { readJournalEnd } from './logs/resume.ts';
import type { JournalEnd } from './logs/resume.ts';
import type { JournalFiles } from './logs/entries.ts';
import type { ResolvedOptions } from './options.ts';
import type { InheritedPlan } from './plans/inherited.ts';
import type { Plan } from './plans/plan.ts';
import { PlanRun } from './plans/run.ts';
import type { PlanStart } from './plans/resume.ts';
import { planSaver } from './plans/save.ts';
import { Recovery } from './recovery.ts';
import type { ExecutionRequest } from './request.ts';

/** Old logs are looked for at the start, at the end, and after so many executions. */
const RETENTION_EVERY = 100;

/** An execution that the engine knows. */
export type TrackedExecution = Execution | EndedExecution;
/** A plan that the engine knows. */
export type TrackedPlan = PlanRun | InheritedPlan;
/** An execution or a plan that the engine knows. */
export type Tracked = TrackedExecution | TrackedPlan;

/** Every execution and plan of an engine: starts them, finds them, and forgets the oldest. */
export class Registry {
  readonly #options: ResolvedOptions;
  readonly #context: ExecutionContext;
  readonly #tracked = new Map<string, Tracked>();
  readonly #ended: string[] = [];
  readonly #recovery: Recovery;
  readonly audience: Audience;
  readonly #stopKeepingYoung: () => void;
  #logDirReady: Promise<void> | null = null;

  constructor(options: ResolvedOptions, context: ExecutionContext) {
    this.#options = options;
    this.#context = context;
    this.audience = new Audience(options.onHandlerError);
    this.#stopKeepingYoung = keepYoung(
      () => this.all.filter(isOpen).map(({ journal }) => journal.files),
      STRANGERS_STAY_MS / 4,
    );
    this.#recovery = new Recovery(context, {
      reopen: async (scope) => {
        const end = await readJournalEnd(this.#files(scope.execution_id));
        return { journal: this.#journal(scope, end), end };
      },
      knows: (id) => this.#tracked.has(id),
      track: (recovered, isNew) => this.#track(recovered, isNew || isOpen(recovered)),
    });
  }

  /** Everything known, the oldest first. */
  get all(): Tracked[] {
    return [...this.#tracked.values()];
  }

  /**
   * Takes over what earlier engines have stored: their history, what still runs, and what has no end yet.
   *
   * @throws ExecutionError `LOG_DIR_UNSAFE` and so on, where the store cannot be read
   */
  async recover(): Promise<void> {
    await this.#recovery.begin(this.#options.historyLimit);
    await this.removeOldLogs();
  }

  /** Takes nothing over any more. */
  async stopRecovery(): Promise<void> {
    await this.#recovery.stop();
  }

  /** Lets the logs be, now that nothing runs. */
  close(): void {
    this.#stopKeepingYoung();
  }

  /** Starts an execution. */
  startExecution(
    id: string,
    request: ExecutionRequest,
    scope: Omit<JournalScope, 'execution_id'> = {},
  ): Execution {
    const { store } = this.#context;
    // The log is also the mark by which retention finds a record.
    const journal =
      (request.log ?? true) || store.durable
        ? this.#journal({ execution_id: id, ...scope })
        : new Journal({ execution_id: id, ...scope }, this.#files(id), null);
    const execution = new Execution(id, request, journal, this.#context);
    this.#track(execution);
    return execution;
  }

  /** Starts a plan; its steps are executions here as well. */
  startPlan(id: string, from: PlanStart): PlanRun {
    const run = new PlanRun(id, from, this.#journal({ execution_id: id, plan_id: id }), {
      start: (request, scope) => this.startExecution(randomUUID(), request, scope),
      save: planSaver(id, from, this.#context),
    });
    this.#track(run);
    return run;
  }

  /**
   * What was started before with this id and body, or null.
   *
   * @throws ExecutionError `ID_CONFLICT` where the body was another one
   */
  repeated(id: string, body: ExecutionRequest | Plan): Tracked | null {
    const known = this.#tracked.get(id);
    if (known === undefined || known.hasBody(body)) return known ?? null;
    throw new ExecutionError('ID_CONFLICT', `${id} was used for something else`, {
      details: { id },
    });
  }

  /** @throws ExecutionError `NOT_FOUND` */
  find(id: string): Tracked {
    const known = this.#tracked.get(id);
    if (known !== undefined) return known;
    throw new ExecutionError('NOT_FOUND', `there is no execution or plan ${id}`, {
      details: { id },
    });
  }

  /** @throws ExecutionError `NOT_FOUND`; `WRONG_KIND` for a plan */
  findExecution(id: string): TrackedExecution {
    const known = this.find(id);
    if (known.kind === 'execution') return known;
    throw new ExecutionError('WRONG_KIND', `${id} is a plan, not an execution`, {
      details: { id },
    });
  }

  /**
   * The log of an execution, also of one that another process runs with the same `logDir`.
   *
   * @throws ExecutionError `NOT_FOUND`; `WRONG_KIND` for a plan
   */
  async findLog(id: string): Promise<LogSource> {
    // Only what looks like an id of ours may become a path.
    if (!this.#tracked.has(id) && z.guid().safeParse(id).success) {
      const log = await ForeignLog.open(this.#files(id));
      if (log !== null) return log;
    }
    const { journal } = this.findExecution(id);
    await journal.flush();
    return journal;
  }

  /** @throws ExecutionError `NOT_FOUND`; `WRONG_KIND` for an execution */
  findPlan(id: string): TrackedPlan {
    const known = this.find(id);
    if (known.kind === 'plan') return known;
    throw new ExecutionError('WRONG_KIND', `${id} is an execution, not a plan`, {
      details: { id },
    });
  }

  /** Applies the retention policy now. What cannot be removed is tried again the next time. */
  async removeOldLogs(): Promise<void> {
    const { logDir, onProblem } = this.#options;
    await this.#removeOldLogs().catch((error: unknown) => onProblem(logFailure(logDir, error)));
  }

  async #removeOldLogs(): Promise<void> {
    const { retention, logDir } = this.#options;
    if (Object.values(retention).every((bound) => bound === null)) return;
    const removed = await removeOldLogs(logDir, retention, (id) => {
      const tracked = this.#tracked.get(id);
      if (tracked === undefined) return 'unknown';
      // The outputs of steps are needed until their plan has ended, by this engine or the next.
      const plan = this.#tracked.get(tracked.journal.scope.plan_id ?? id) ?? tracked;
      return isOpen(tracked) || isOpen(plan) ? 'running' : 'ended';
    });
    for (const id of removed) {
      await this.#context.store.remove(id);
      this.#tracked.delete(id);
    }
  }

  #files(id: string): JournalFiles {
    const { logDir } = this.#options;
    return { log: join(logDir, `${id}.log`), index: join(logDir, `${id}.index`) };
  }

  #journal(scope: JournalScope, end: JournalEnd | null = null): Journal {
    const ready = (this.#logDirReady ??= prepareLogDir(this.#options.logDir));
    // What was wrong with the directory may be mended before the next execution.
    ready.catch(() => {
      this.#logDirReady = null;
    });
    return new Journal(scope, this.#files(scope.execution_id), ready, end);
  }

  #track(tracked: Tracked, isNew = true): void {
    this.#tracked.set(tracked.id, tracked);
    if (isNew) this.audience.show(tracked.journal);
    void tracked.ended.then(() => this.#forget(tracked));
  }

  #forget({ id, journal }: Tracked): void {
    // The folder may have been removed: the next execution makes it anew.
    if (journal.failure !== null) this.#logDirReady = null;
    this.#ended.push(id);
    if (this.#ended.length % RETENTION_EVERY === 0) void this.removeOldLogs();
    while (this.#ended.length > this.#options.historyLimit) {
      const oldest = this.#ended.shift();
      if (oldest !== undefined) this.#tracked.delete(oldest);
    }
  }
}

function isOpen({ status }: Tracked): boolean {
  return status === 'running' || status === 'queued';
}
