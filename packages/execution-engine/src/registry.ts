import { join } from 'node:path';
import { ExecutionError } from './errors.ts';
import type { EventHandler } from './events.ts';
import { Execution } from './execution/execution.ts';
import type { ExecutionContext } from './execution/execution.ts';
import { dispatch } from './handlers/dispatch.ts';
import { canonicalJson } from './json.ts';
import { prepareLogDir } from './logs/directory.ts';
import type { JournalScope } from './logs/entries.ts';
import { Journal } from './logs/journal.ts';
import type { ResolvedOptions } from './options.ts';
import type { Plan } from './plans/plan.ts';
import { PlanRun } from './plans/run.ts';
import type { ExecutionRequest } from './request.ts';

/** An execution or a plan that the engine knows. */
export type Tracked = Execution | PlanRun;

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
    const journal = this.#journal({ execution_id: id, plan_id: id });
    const run = new PlanRun(id, plan, journal, (request, scope) =>
      this.startExecution(request.id ?? crypto.randomUUID(), request, scope),
    );
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
  findExecution(id: string): Execution {
    const known = this.find(id);
    if (known.kind === 'execution') return known;
    throw new ExecutionError('WRONG_KIND', `${id} is a plan, not an execution`, {
      details: { id },
    });
  }

  /** @throws ExecutionError `NOT_FOUND`; `WRONG_KIND` for an execution */
  findPlan(id: string): PlanRun {
    const known = this.find(id);
    if (known.kind === 'plan') return known;
    throw new ExecutionError('WRONG_KIND', `${id} is an execution, not a plan`, {
      details: { id },
    });
  }

  #journal(scope: JournalScope): Journal {
    const { logDir } = this.#options;
    const ready = (this.#logDirReady ??= prepareLogDir(logDir));
    // What was wrong with the directory may be mended before the next execution.
    ready.catch(() => {
      this.#logDirReady = null;
    });
    const id = scope.execution_id;
    return new Journal(
      scope,
      { log: join(logDir, `${id}.log`), index: join(logDir, `${id}.index`) },
      ready,
    );
  }

  #track(tracked: Tracked): void {
    this.#tracked.set(tracked.id, tracked);
    for (const handler of this.#handlers) {
      const dispatching = dispatch(handler, tracked.journal, this.#options.onHandlerError);
      this.#dispatching.add(dispatching);
      void dispatching.then(() => this.#dispatching.delete(dispatching));
    }
    void tracked.ended.then(() => this.#forget(tracked.id));
  }

  #forget(ended: string): void {
    this.#ended.push(ended);
    while (this.#ended.length > this.#options.historyLimit) {
      const oldest = this.#ended.shift();
      if (oldest !== undefined) this.#tracked.delete(oldest);
    }
  }
}
