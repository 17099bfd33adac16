/**
 * A worker thread of the embedded backend: it opens the file, to write or only to read, and answers calls one after the other.
 * Writes that are waiting share one transaction (group commit), each in a savepoint of its own.
 */
import {
  parentPort,
  receiveMessageOnPort,
  workerData,
  type MessagePort,
} from 'node:worker_threads';
import { Database } from './database.ts';
import { callTable, runCall, type CallTable } from './call-table.ts';
import {
  movable,
  type WireError,
  type WorkerCall,
  type WorkerReply,
  type WorkerSetup,
} from './protocol.ts';
import { toStorageError } from './sqlite-errors.ts';

/** So many calls share one transaction at most: others wait meanwhile. */
const groupSize = 256;

function start(port: MessagePort): void {
  const setup: WorkerSetup = workerData;
  let db: Database;
  try {
    db =
      setup.access === 'read'
        ? Database.openToRead(setup.path)
        : Database.open(setup.path, setup.busyTimeoutMs);
  } catch (error) {
    port.postMessage({ id: 0, error: wireError(error) } satisfies WorkerReply);
    return;
  }
  const calls = callTable(db);
  port.on('message', (first: WorkerCall) => {
    const batch = [first];
    while (batch.length < groupSize) {
      const next = receiveMessageOnPort(port);
      if (next === undefined) break;
      batch.push(next.message);
    }
    answer(batch, db, calls, port);
  });
  port.postMessage({ id: 0, result: null } satisfies WorkerReply);
}

/** Answers calls in order; a read commits the writes before it, so that it never shows what may yet fail. */
function answer(
  batch: readonly WorkerCall[],
  db: Database,
  calls: CallTable,
  port: MessagePort,
): void {
  let group: WorkerCall[] = [];
  const commit = () => {
    for (const reply of group.length === 0 ? [] : writeGroup(group, db, calls)) {
      port.postMessage(reply);
    }
    group = [];
  };
  for (const call of batch) {
    if (calls[call.method].kind !== 'read') {
      group.push(call);
      continue;
    }
    commit();
    const reply = attempt(call, () => runCall(calls, call));
    port.postMessage(reply, 'result' in reply ? movable([reply.result]) : []);
    if (call.method === 'close') port.close();
  }
  commit();
}

function writeGroup(group: readonly WorkerCall[], db: Database, calls: CallTable): WorkerReply[] {
  const inSavepoint = group.length > 1;
  const isSynced = group.some((call) => calls[call.method].kind === 'synced-write');
  const runAll = () =>
    group.map((call) => {
      const run = () => runCall(calls, call);
      if (!inSavepoint) return { id: call.id, result: run() };
      // An error that ended the whole transaction (a full disk) is everyone's.
      if (!db.inTransaction) throw new Error('The transaction was rolled back.');
      const reply = attempt(call, () => db.savepoint(run));
      if (!db.inTransaction && 'error' in reply) throw new GroupError(reply.error);
      return reply;
    });
  try {
    return db.transaction(runAll, isSynced);
  } catch (error) {
    const shared = error instanceof GroupError ? error.wire : wireError(error);
    return group.map((call) => ({ id: call.id, error: shared }));
  }
}

class GroupError extends Error {
  readonly wire: WireError;
  constructor(wire: WireError) {
    super(wire.message);
    this.wire = wire;
  }
}

function attempt(call: WorkerCall, run: () => unknown): WorkerReply {
  try {
    return { id: call.id, result: run() };
  } catch (error) {
    return { id: call.id, error: wireError(error) };
  }
}

function wireError(error: unknown): WireError {
  const { code, message, details } = toStorageError(error);
  return { code, message, details: { ...details } };
}

if (parentPort !== null) start(parentPort);
