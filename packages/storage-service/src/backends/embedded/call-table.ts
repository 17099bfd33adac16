import { ChatTable } from './chat-table.ts';
import type { Database } from './database.ts';
import { DocumentTable } from './documents.ts';
import { EstateReader } from './estate-reader.ts';
import { EstateWriter } from './estate-writer.ts';
import { Maintenance } from './maintenance.ts';
import { unpackWrites } from './packed-writes.ts';
import { SealedTable } from './sealed-table.ts';
import type { Method, MethodArguments, MethodResult, WorkerCall } from './protocol.ts';
import { VectorSearch } from './vector-search.ts';
import { WordSearch } from './word-search.ts';

/** What each method does in the worker; writes run in a transaction, synced ones survive a power failure. */
export type CallTable = {
  [M in Method]: {
    kind: 'read' | 'write' | 'synced-write';
    run: (...args: MethodArguments[M]) => MethodResult[M];
  };
};

/** Runs a call. */
export function runCall<M extends Method>(table: CallTable, call: WorkerCall<M>): MethodResult[M] {
  return table[call.method].run(...call.args);
}

/** Connects the methods of the protocol with the tables of one open file. */
export function callTable(db: Database): CallTable {
  const documents = new DocumentTable(db);
  const chat = new ChatTable(db);
  const writer = new EstateWriter(db);
  const reader = new EstateReader(db);
  const vectors = new VectorSearch(db);
  const words = new WordSearch(db);
  const sealed = new SealedTable(db);
  const maintenance = new Maintenance(db);
  /** Of several statements, all see the same state of the file. */
  const snapshot = <A extends readonly unknown[], R>(run: (...args: A) => R) =>
    read((...args: A) => db.snapshot(() => run(...args)));

  return {
    'documents.read': read((name) => documents.read(name)),
    'documents.replace': syncedWrite((name, expected, text) =>
      documents.replace(name, expected, text),
    ),
    'documents.holdsData': read(() => documents.holdsData()),
    'chat.append': syncedWrite((messages) => chat.append(messages)),
    'chat.find': read((id) => chat.find(id)),
    'chat.newest': read((query) => chat.newest(query)),
    'chat.list': read((query) => chat.list(query)),
    'chat.conversations': read((query) => chat.conversations(query)),
    'chat.removeConversation': write((id, upTo) => chat.removeConversation(id, upTo)),
    'chat.removeBefore': write((time, limit) => chat.removeBefore(time, limit)),
    'estate.digests': read((keys) => writer.digests(keys)),
    'estate.write': write((packed) => writer.write(unpackWrites(packed))),
    'estate.get': snapshot((keys) => reader.get(keys)),
    'estate.remove': write((keys) => writer.remove(keys)),
    'estate.vectors': snapshot((keys) => reader.vectors(keys)),
    'estate.history': read((key, limit) => reader.history(key, limit)),
    'estate.named': read((names) => reader.named(names)),
    'estate.referringTo': read((names) => reader.referringTo(names)),
    'estate.list': read((query) => reader.list(query)),
    'estate.count': read((filter) => reader.count(filter)),
    'estate.facets': read((query) => reader.facets(query)),
    'estate.nearest': snapshot((query) => vectors.nearest(query)),
    'estate.keywords': snapshot((query) => words.keywords(query)),
    'sealed.page': read((query) => sealed.page(query)),
    'sealed.replace': write((collection, items) => sealed.replace(collection, items)),
    'maintenance.check': read(() => maintenance.check()),
    'maintenance.checkWords': write(() => maintenance.checkWords()),
    'maintenance.tidy': write(() => maintenance.tidy()),
    'maintenance.vacuum': read(() => maintenance.vacuum()),
    'maintenance.stats': read(() => maintenance.stats()),
    close: read(() => db.close()),
  };
}

function read<A extends readonly unknown[], R>(run: (...args: A) => R) {
  return { kind: 'read' as const, run };
}

function syncedWrite<A extends readonly unknown[], R>(run: (...args: A) => R) {
  return { kind: 'synced-write' as const, run };
}

/** What a scan can find again. */
function write<A extends readonly unknown[], R>(run: (...args: A) => R) {
  return { kind: 'write' as const, run };
}
