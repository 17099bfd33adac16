import { EndedExecution } from './execution/ended.ts';
import { Execution } from './execution/execution.ts';
import type { ExecutionContext } from './execution/context.ts';
import type { JournalScope } from './logs/entries.ts';
import type { Journal } from './logs/journal.ts';
import type { JournalEnd } from './logs/resume.ts';
import { InheritedPlan } from './plans/inherited.ts';
import { isAlive, ownIdentity } from './process/identity.ts';
import type { StateRecord, StoredExecution, StoredPlan } from './state/record.ts';

/** Opens the journal of an earlier engine, to read it and to go on behind it. */
export type ReopenJournal = (scope: JournalScope) => Promise<{ journal: Journal; end: JournalEnd }>;

/** Whether a record is for this engine to look after: it has ended, or its host is dead. */
export function isOurs(record: StateRecord): boolean {
  if (record.result !== null) return true;
  const { pid, start_time: startTime } = record.owner;
  const own = ownIdentity();
  if (pid === own.pid && startTime === own.start_time) return false;
  return !isAlive({ pid, startTime });
}

/** Makes an execution of its record: one that ended, one to take over, or one to give an end. */
export async function recoverExecution(
  record: StoredExecution,
  reopen: ReopenJournal,
  context: ExecutionContext,
): Promise<Execution | EndedExecution> {
  const { id, plan_id, step_id, request, result } = record;
  const { journal, end } = await reopen({
    execution_id: id,
    ...(plan_id !== undefined && { plan_id }),
    ...(step_id !== undefined && { step_id }),
  });
  if (result !== null) {
    const at = Date.parse(result.completed_at);
    journal.restoreEnd({ type: result.status, result }, at, end.ended);
    return new EndedExecution(request, journal, record.accepted_at, result);
  }
  return new Execution(id, request, journal, context, {
    acceptedAt: record.accepted_at,
    startedAt: record.started_at,
    attempts: record.attempts,
    secretValues: record.secret_values,
    ticket: record.ticket,
    logged: end.logged,
  });
}

/** Makes a plan of its record. */
export async function recoverPlan(
  record: StoredPlan,
  steps: readonly (Execution | EndedExecution)[],
  reopen: ReopenJournal,
  context: ExecutionContext,
): Promise<InheritedPlan> {
  const { journal, end } = await reopen({ execution_id: record.id, plan_id: record.id });
  if (record.result !== null) {
    const { status, completed_at } = record.result;
    const last = { type: status, result: record.result };
    journal.restoreEnd(last, Date.parse(completed_at), end.ended);
  }
  return new InheritedPlan(record, journal, steps, (result) =>
    context.store.save({ ...record, owner: ownIdentity(), result }),
  );
}
