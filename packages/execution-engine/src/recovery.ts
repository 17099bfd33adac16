import { EndedExecution } from './execution/ended.ts';
import { Execution } from './execution/execution.ts';
import type { ExecutionContext } from './execution/context.ts';
import type { JournalScope } from './logs/entries.ts';
import type { Journal } from './logs/journal.ts';
import type { JournalEnd } from './logs/resume.ts';
import { InheritedPlan } from './plans/inherited.ts';
import { isAlive, ownIdentity } from './process/identity.ts';
import type { ExecutionRequest } from './request.ts';
import { isSameOwner } from './state/record.ts';
import type {
  LaunchTicket,
  Owner,
  StateRecord,
  StoredExecution,
  StoredPlan,
} from './state/record.ts';
import { type SecretVariables, withSecrets } from './state/secrets-apart.ts';

/** What was recovered. */
export type Recovered = Execution | EndedExecution | InheritedPlan;

/** What recovery needs of whoever keeps track of executions. */
export interface RecoveryTarget {
  /** Opens the journal of an earlier engine, to read it and to go on behind it. */
  reopen: (scope: JournalScope) => Promise<{ journal: Journal; end: JournalEnd }>;
  /** Whether an execution or plan is known already. */
  knows: (id: string) => boolean;
  /** Gets what was recovered, the oldest first. */
  track: (recovered: Recovered, isNew: boolean) => void;
}

/** How often the hosts of others are looked at. */
const WATCH_MS = 1000;

/** Takes over what dead hosts have left in the store: their history, what still runs, and what has no end yet. */
export class Recovery {
  readonly #context: ExecutionContext;
  readonly #target: RecoveryTarget;
  /** Hosts that live, or are still dying, and have executions without an end. */
  #others: Owner[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;

  constructor(context: ExecutionContext, target: RecoveryTarget) {
    this.#context = context;
    this.#target = target;
  }

  /**
   * Takes over what there is, and from then on what other hosts leave that were alive now.
   *
   * @param historyLimit how many that have ended to keep in mind
   * @throws ExecutionError `LOG_DIR_UNSAFE` and so on, where the store cannot be read
   */
  async begin(historyLimit: number): Promise<void> {
    if (!this.#context.store.durable) return;
    await this.#takeOver(historyLimit, false);
    this.#timer = setInterval(() => this.#look(), WATCH_MS);
    this.#timer.unref();
  }

  /** Takes over nothing more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  #look(): void {
    const anyDied = this.#others.some((owner) => !isOwnerAlive(owner));
    if (!anyDied || this.#looking !== null) return;
    this.#others = [];
    this.#looking = this.#takeOver(0, true)
      // The folder is gone: there is nothing to take over any more.
      .catch(() => {})
      .finally(() => {
        this.#looking = null;
      });
  }

  async #takeOver(historyLimit: number, isNew: boolean): Promise<void> {
    const records = await this.#context.store.load();
    const open = records.filter((record) => record.result === null);
    const taken: StateRecord[] = [];
    for (const { owner, ids } of byOwner(open)) {
      if (isSameOwner(owner, ownIdentity())) continue;
      if (isOwnerAlive(owner)) this.#others.push(owner);
      else {
        const mine = await this.#context.store.takeOver(owner, ids);
        taken.push(...mine);
        // Another engine was first, and may die as well: look again who has them.
        if (mine.length === 0) this.#others.push(owner);
      }
    }
    await this.#recover([...pastOf(records, open, historyLimit), ...taken], isNew);
    await this.#context.launcher.removeRemains(new Set(open.map(({ id }) => id)));
  }

  async #recover(records: readonly StateRecord[], isNew: boolean): Promise<void> {
    const executions = new Map<string, Execution | EndedExecution>();
    const byPlan = new Map<string, (Execution | EndedExecution)[]>();
    const recovered: Recovered[] = [];
    for (const record of records) {
      if (record.kind !== 'execution' || this.#target.knows(record.id)) continue;
      const execution = await this.#execution(record);
      executions.set(record.id, execution);
      recovered.push(execution);
      const ofPlan = byPlan.get(record.plan_id ?? '') ?? [];
      byPlan.set(record.plan_id ?? '', ofPlan);
      ofPlan.push(execution);
    }
    for (const record of records) {
      if (record.kind !== 'plan' || this.#target.knows(record.id)) continue;
      const adopted = Object.values(record.adopted).flatMap((id) => executions.get(id) ?? []);
      recovered.push(await this.#plan(record, [...adopted, ...(byPlan.get(record.id) ?? [])]));
    }
    recovered.sort((a, b) => a.acceptedAt - b.acceptedAt);
    for (const one of recovered) this.#target.track(one, isNew);
  }

  /** One that ended, one to go on with, or one to give an end. */
  async #execution(record: StoredExecution): Promise<Execution | EndedExecution> {
    const { id, plan_id, step_id, request, result } = record;
    const { journal, end } = await this.#target.reopen({
      execution_id: id,
      ...(plan_id !== undefined && { plan_id }),
      ...(step_id !== undefined && { step_id }),
    });
    if (result !== null) {
      const at = Date.parse(result.completed_at);
      journal.restoreEnd({ type: result.status, result }, at, end.ended);
      return new EndedExecution(record, journal, result);
    }
    // The schema of records sees to it.
    if (request === null) throw new Error(`the record of ${id} has neither request nor result`);
    const secrets = await this.#secretsOf(request, record.ticket);
    return new Execution(id, withSecrets(request, secrets ?? {}), journal, this.#context, {
      acceptedAt: record.accepted_at,
      startedAt: record.started_at,
      attempts: record.attempts,
      body: record.body,
      secretValues: secrets && Object.values(secrets),
      ticket: record.ticket,
      logged: end.logged,
    });
  }

  /** Null where they are lost: they are in the memory of a keeper, if it lives. */
  async #secretsOf(
    { secrets }: ExecutionRequest,
    ticket: LaunchTicket | null,
  ): Promise<SecretVariables | null> {
    if ((secrets ?? []).length === 0) return {};
    return ticket === null ? null : this.#context.launcher.recall(ticket);
  }

  async #plan(
    record: StoredPlan,
    steps: readonly (Execution | EndedExecution)[],
  ): Promise<InheritedPlan> {
    const { journal, end } = await this.#target.reopen({
      execution_id: record.id,
      plan_id: record.id,
    });
    if (record.result !== null) {
      const { status, completed_at } = record.result;
      const last = { type: status, result: record.result };
      journal.restoreEnd(last, Date.parse(completed_at), end.ended);
    }
    return new InheritedPlan(record, journal, steps, (result) =>
      this.#context.store
        .save({ ...record, owner: ownIdentity(), earlier: [], result })
        .catch((error: unknown) => this.#context.onUnstored(error)),
    );
  }
}

/** The newest that have ended, and whatever the plans without an end have run. */
function pastOf(
  records: readonly StateRecord[],
  open: readonly StateRecord[],
  limit: number,
): StateRecord[] {
  const plans = new Set(open.map(({ id }) => id));
  const adopted = new Set(
    open.flatMap((record) => (record.kind === 'plan' ? Object.values(record.adopted) : [])),
  );
  const ended = records.filter((record) => record.result !== null);
  const newest = ended.length - limit;
  return ended.filter(
    (record, at) =>
      at >= newest ||
      adopted.has(record.id) ||
      (record.kind === 'execution' && record.plan_id !== undefined && plans.has(record.plan_id)),
  );
}

function byOwner(records: readonly StateRecord[]): { owner: Owner; ids: string[] }[] {
  const found: { owner: Owner; ids: string[] }[] = [];
  for (const { id, owner } of records) {
    const known = found.find((one) => isSameOwner(one.owner, owner));
    if (known === undefined) found.push({ owner, ids: [id] });
    else known.ids.push(id);
  }
  return found;
}

function isOwnerAlive({ pid, start_time: startTime }: Owner): boolean {
  return isAlive({ pid, startTime });
}
