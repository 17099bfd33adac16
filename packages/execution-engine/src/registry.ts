import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { ExecutionError } from './errors.ts';
import type { EventHandler } from './events.ts';
import type { EndedExecution } from './execution/ended.ts';
import { Execution } from './execution/execution.ts';
import type { ExecutionContext } from './execution/context.ts';
import { dispatch } from './handlers/dispatch.ts';
import { canonicalJson } from './json.ts';
import { prepareLogDir } from './logs/directory.ts';
import type { JournalScope } from './logs/entries.ts';
import { Journal } from './logs/journal.ts';
import { ForeignLog } from './logs/foreign.ts';
import type { LogSource } from './logs/text.ts';
import { removeOldLogs } from './logs/retention.ts';
import { readJournalEnd } from './logs/resume.ts';
import type { JournalFiles } from './logs/entries.ts';
import type { ResolvedOptions } from './options.ts';
import type { InheritedPlan } from './plans/inherited.ts';
import type { Plan } from './plans/plan.ts';
import { PlanRun } from './plans/run.ts';
import { ownIdentity } from './process/identity.ts';
import { isOurs, recoverExecution, recoverPlan } from './recovery.ts';
import type { ReopenJournal } from './recovery.ts';
import type { ExecutionRequest } from './request.ts';

/** Old logs are looked for at the start, at the end, and after so many executions. */
const RETENTION_EVERY = 100;

/** An execution that the engine knows. */
export type TrackedExecution = Execution | EndedExecution;
/** A plan that the engine knows. */
export type TrackedPlan = PlanRun | InheritedPlan;
/** An execution or a plan that the engine knows. */
export type Tracked = TrackedExecution | TrackedPlan;

/** Every execution and plan of an engine: starts them, finds them, forgets the oldest, and feeds the handlers. */
export class Registry {
  readonly #options: ResolvedOptions;
  readonly #context: ExecutionContext;
  readonly #tracked = new Map<string, Tracked>();
  readonly #ended: string[] = [];
  readonly #handlers: EventHandler[] = [];
  readonly #dispatching = new Set<Promise<void>>();
  #logDirReady: Promise<void> | null = null;

  constructor(options: ResolvedOptions, context: ExecutionContext) {
    this.#options = options;
    this.#context = context;
  }

  /** Everything known, the oldest first. */
  get all(): Tracked[] {
    return [...this.#tracked.values()];
  }

  /** Handlers that have not seen everything yet. */
  get dispatching(): Promise<void>[] {
    return [...this.#dispatching];
  }

  /** Feeds a handler with whatever is started from now on. */
  addHandler(handler: EventHandler): void {
    this.#handlers.push(handler);
  }

  /**
   * Takes over what earlier engines have stored: their history, what still runs, and what has no end yet.
   *
   * @throws ExecutionError `LOG_DIR_UNSAFE` and so on, where the store cannot be read
   */
  async recover(): Promise<void> {
    const records = (await this.#context.store.load())
      .filter(isOurs)
      .slice(-this.#options.historyLimit);
    const reopen: ReopenJournal = async (scope) => {
      const end = await readJournalEnd(this.#files(scope.execution_id));
      return { journal: this.#journal(scope, end), end };
    };
    const steps = new Map<string, TrackedExecution[]>();
    for (const record of records) {
      if (record.kind !== 'execution') continue;
      const execution = await recoverExecution(record, reopen, this.#context);
      const { plan_id } = record;
      if (plan_id !== undefined) steps.set(plan_id, [...(steps.get(plan_id) ?? []), execution]);
      this.#track(execution, record.result === null);
    }
    for (const record of records) {
      if (record.kind !== 'plan') continue;
      const ofPlan = steps.get(record.id) ?? [];
      const plan = await recoverPlan(record, ofPlan, reopen, this.#context);
      this.#track(plan, record.result === null);
    }
    await this.removeOldLogs();
  }

  /** Starts an execution. */
  startExecution(
    id: string,
    request: ExecutionRequest,
    scope: Omit<JournalScope, 'execution_id'> = {},
  ): Execution {
    const journal = this.#journal({ execution_id: id, ...scope });
    const execution = new Execution(id, request, journal, this.#context);
    this.#track(execution);
    return execution;
  }

  /** Starts a plan; its steps are executions here as well. */
  startPlan(id: string, plan: Plan): PlanRun {
    const { store } = this.#context;
    const acceptedAt = Date.now();
    const run = new PlanRun(id, plan, this.#journal({ execution_id: id, plan_id: id }), {
      start: (request, scope) => this.startExecution(randomUUID(), request, scope),
      save: (result) =>
        store.save({
          version: 1,
          kind: 'plan',
          id,
          owner: ownIdentity(),
          accepted_at: acceptedAt,
          plan,
          result,
        }),
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
    if (known === undefined) return null;
    const before = known.kind === 'plan' ? known.plan : known.request;
    if (canonicalJson({ ...before, id }) === canonicalJson({ ...body, id })) return known;
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
    await this.#removeOldLogs().catch(() => {});
  }

  async #removeOldLogs(): Promise<void> {
    const { retention, logDir } = this.#options;
    if (Object.values(retention).every((bound) => bound === null)) return;
    const removed = await removeOldLogs(logDir, retention, (id) => {
      const status = this.#tracked.get(id)?.status;
      if (status === undefined) return 'unknown';
      return status === 'running' || status === 'queued' ? 'running' : 'ended';
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

  #journal(scope: JournalScope, end: ConstructorParameters<typeof Journal>[3] = null): Journal {
    const ready = (this.#logDirReady ??= prepareLogDir(this.#options.logDir));
    // What was wrong with the directory may be mended before the next execution.
    ready.catch(() => {
      this.#logDirReady = null;
    });
    return new Journal(scope, this.#files(scope.execution_id), ready, end);
  }

  #track(tracked: Tracked, isNew = true): void {
    this.#tracked.set(tracked.id, tracked);
    for (const handler of isNew ? this.#handlers : []) {
      const dispatching = dispatch(handler, tracked.journal, this.#options.onHandlerError);
      this.#dispatching.add(dispatching);
      void dispatching.then(() => this.#dispatching.delete(dispatching));
    }
    void tracked.ended.then(() => this.#forget(tracked.id));
  }

  #forget(ended: string): void {
    this.#ended.push(ended);
    if (this.#ended.length % RETENTION_EVERY === 0) void this.removeOldLogs();
    while (this.#ended.length > this.#options.historyLimit) {
      const oldest = this.#ended.shift();
      if (oldest !== undefined) this.#tracked.delete(oldest);
    }
  }
}
