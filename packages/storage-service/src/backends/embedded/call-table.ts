import { ChatTable } from './chat-table.ts';
import type { Database } from './database.ts';
import { DocumentTable } from './documents.ts';
import { EstateReader } from './estate-reader.ts';
import { EstateSearch } from './estate-search.ts';
import { EstateWriter } from './estate-writer.ts';
import type { Method, MethodArguments } from './protocol.ts';

/** What each method does in the worker; writes run in a transaction. */
export type CallTable = Readonly<
  Record<Method, { kind: 'read' | 'write'; run: (args: readonly unknown[]) => unknown }>
>;

/** Connects the methods of the protocol with the tables of one open file. */
export function callTable(db: Database): CallTable {
  const documents = new DocumentTable(db);
  const chat = new ChatTable(db);
  const writer = new EstateWriter(db);
  const reader = new EstateReader(db);
  const search = new EstateSearch(db);

  return {
    'documents.read': read<'documents.read'>((name) => documents.read(name)),
    'documents.replace': write<'documents.replace'>((name, expected, text) =>
      documents.replace(name, expected, text),
    ),
    'documents.holdsData': read<'documents.holdsData'>(() => documents.holdsData()),
    'chat.append': write<'chat.append'>((messages) => chat.append(messages)),
    'chat.find': read<'chat.find'>((id) => chat.find(id)),
    'chat.newest': read<'chat.newest'>((query) => chat.newest(query)),
    'estate.digests': read<'estate.digests'>((keys) => writer.digests(keys)),
    'estate.write': write<'estate.write'>((writes) => writer.write(writes)),
    'estate.get': read<'estate.get'>((keys) => reader.get(keys)),
    'estate.list': read<'estate.list'>((query) => reader.list(query)),
    'estate.count': read<'estate.count'>((filter) => reader.count(filter)),
    'estate.facets': read<'estate.facets'>((query) => reader.facets(query)),
    'estate.nearest': read<'estate.nearest'>((query) => search.nearest(query)),
    'estate.keywords': read<'estate.keywords'>((query) => search.keywords(query)),
    close: read<'close'>(() => db.close()),
  };
}

type Run<M extends Method> = (...args: MethodArguments[M]) => unknown;

function read<M extends Method>(run: Run<M>): CallTable[Method] {
  return { kind: 'read', run: untyped(run) };
}

function write<M extends Method>(run: Run<M>): CallTable[Method] {
  return { kind: 'write', run: untyped(run) };
}

function untyped<M extends Method>(run: Run<M>): (args: readonly unknown[]) => unknown {
  // Both ends of the thread are this package: `WorkerClient.call` has checked the arguments against the same types.
  return (args) => run(...(args as MethodArguments[M]));
}
