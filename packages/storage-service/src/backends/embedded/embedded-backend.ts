import { resolve } from 'node:path';
import type {
  BackendMaintenance,
  ChatBackend,
  DocumentStore,
  EstateBackend,
  MessagePlace,
  ResourceWrite,
  SealedStore,
  StorageBackend,
  StoredMessage,
  StoredResource,
} from '../backend.ts';
import { unpackResources } from './packed-resources.ts';
import { packWrites } from './packed-writes.ts';
import { rowsPerMessage, splitBySize } from './parts.ts';
import type { RemovedPart } from './protocol.ts';
import { StorageThreads } from './storage-threads.ts';
import { unpackVectors } from './vectors.ts';

/** How a file is opened. */
export interface EmbeddedBackendOptions {
  /** The file; made when absent (its folder is not). ':memory:' keeps everything in memory. */
  path: string;
  /** How long a write waits for other processes before it is `STORE_BUSY`; 30 s by default. */
  busyTimeoutMs?: number;
}

/** Each removal makes the word indexes merge what is left: 2,000 at once take hardly longer than 500 (0.2 s). */
const removedAtOnce = 2000;

/** One SQLite file behind the port, in worker threads of its own. Several processes may open the same file. */
export class EmbeddedBackend implements StorageBackend {
  readonly kind = 'embedded';
  readonly documents: DocumentStore;
  readonly chat: ChatBackend;
  readonly estate: EstateBackend;
  readonly maintenance: BackendMaintenance;
  readonly sealed: SealedStore;
  readonly #threads: StorageThreads;

  private constructor(threads: StorageThreads) {
    this.#threads = threads;
    this.sealed = {
      page: (query) => threads.call('sealed.page', query),
      replace: (collection, items) => threads.call('sealed.replace', collection, items),
    };
    this.maintenance = {
      check: () => checkFile(threads),
      compact: async () => {
        await threads.call('maintenance.tidy');
        await threads.call('maintenance.vacuum');
      },
      stats: () => threads.call('maintenance.stats'),
    };
    this.documents = {
      read: (name) => threads.call('documents.read', name),
      replace: (name, expected, text) => threads.call('documents.replace', name, expected, text),
      holdsData: () => threads.call('documents.holdsData'),
    };
    this.chat = {
      append: (messages) => threads.call('chat.append', messages),
      find: (id) => threads.call('chat.find', id),
      newest: (query) => newestInParts(threads, query),
      list: (query) => messagesInParts(threads, query),
      conversations: (query) => threads.call('chat.conversations', query),
      removeConversation: (id) => removeInParts(threads, id),
      removeBefore: (time, limit) => threads.call('chat.removeBefore', time, limit),
    };
    this.estate = {
      digests: (keys) =>
        inChunks(
          keys,
          () => 0,
          (chunk) => threads.call('estate.digests', chunk),
        ),
      write: (writes) =>
        inChunks(writes, writeSize, (chunk) => threads.call('estate.write', packWrites(chunk))),
      get: (keys) => getInParts(threads, keys),
      remove: async (keys) => {
        let removed = 0;
        for (let start = 0; start < keys.length; start += removedAtOnce) {
          removed += await threads.call('estate.remove', keys.slice(start, start + removedAtOnce));
        }
        return removed;
      },
      vectors: (keys) =>
        inChunks(
          keys,
          () => 0,
          async (chunk) => unpackVectors(await threads.read('estate.vectors', chunk)),
        ),
      history: (key, limit) => threads.read('estate.history', key, limit),
      named: async (names) => present(threads, await threads.read('estate.named', names)),
      referringTo: async (names) =>
        present(threads, await threads.read('estate.referringTo', names)),
      list: (query) => listInParts(threads, query),
      count: (filter) => threads.read('estate.count', filter),
      facets: (query) => threads.read('estate.facets', query),
      nearest: (query) => threads.search('estate.nearest', query),
      keywords: (query) => threads.search('estate.keywords', query),
    };
  }

  /**
   * Opens the file.
   *
   * @throws StorageError `STORE_UNAVAILABLE`, `STORE_TOO_NEW`, `STORE_CORRUPT`, `STORE_BUSY`
   */
  static async open(options: EmbeddedBackendOptions): Promise<EmbeddedBackend> {
    const { path, busyTimeoutMs = 30_000 } = options;
    const threads = await StorageThreads.open({
      // Threads start later as well, when the process may have changed its folder.
      path: path === ':memory:' ? path : resolve(path),
      access: 'write',
      busyTimeoutMs,
    });
    return new EmbeddedBackend(threads);
  }

  close(): Promise<void> {
    return this.#threads.close();
  }
}

async function inChunks<T, R>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  call: (chunk: T[]) => Promise<R[]>,
): Promise<R[]> {
  const results: R[] = [];
  for (const chunk of splitBySize(items, sizeOf)) results.push(...(await call(chunk)));
  return results;
}

async function getInParts(
  threads: StorageThreads,
  keys: readonly string[],
): Promise<(StoredResource | null)[]> {
  const rows: (StoredResource | null)[] = [];
  while (rows.length < keys.length) {
    const part = await threads.read(
      'estate.get',
      keys.slice(rows.length, rows.length + rowsPerMessage),
    );
    rows.push(...unpackResources(part));
  }
  return rows;
}

/** The resources of keys, without those that were removed meanwhile. */
async function present(
  threads: StorageThreads,
  keys: readonly string[],
): Promise<StoredResource[]> {
  return (await getInParts(threads, keys)).filter((resource) => resource !== null);
}

async function listInParts(
  threads: StorageThreads,
  query: Parameters<EstateBackend['list']>[0],
): Promise<StoredResource[]> {
  const rows: StoredResource[] = [];
  let { after } = query;
  while (rows.length < query.limit) {
    const part = await threads.read('estate.list', {
      ...query,
      after,
      limit: query.limit - rows.length,
    });
    const found = unpackResources(part).filter((resource) => resource !== null);
    rows.push(...found);
    const last = found.at(-1);
    if (part.isLast || last === undefined) break;
    after = { value: last.record[query.order.field], key: last.record.key };
  }
  return rows;
}

async function newestInParts(
  threads: StorageThreads,
  query: Parameters<ChatBackend['newest']>[0],
): Promise<StoredMessage[]> {
  const rows: StoredMessage[] = [];
  let { before } = query;
  while (rows.length < query.limit) {
    const limit = query.limit - rows.length;
    const part = await threads.call('chat.newest', { ...query, before, limit });
    rows.push(...part.rows);
    if (part.isLast) break;
    before = placeOf(part.rows) ?? before;
  }
  return rows;
}

/** Of the last message; without its bytes, which would cross to the thread with it. */
function placeOf(messages: readonly StoredMessage[]): MessagePlace | null {
  const last = messages.at(-1);
  return last === undefined ? null : { seq: last.seq, id: last.id };
}

async function messagesInParts(
  threads: StorageThreads,
  query: Parameters<ChatBackend['list']>[0],
): Promise<StoredMessage[]> {
  const rows: StoredMessage[] = [];
  let { after } = query;
  while (rows.length < query.limit) {
    const limit = query.limit - rows.length;
    const part = await threads.call('chat.list', { ...query, after, limit });
    rows.push(...part.rows);
    if (part.isLast) break;
    after = placeOf(part.rows) ?? after;
  }
  return rows;
}

async function removeInParts(threads: StorageThreads, conversationId: string): Promise<number> {
  let removed = 0;
  let upTo: number | null = null;
  for (;;) {
    const part: RemovedPart = await threads.call('chat.removeConversation', conversationId, upTo);
    removed += part.removed;
    if (part.isLast) return removed;
    upTo = part.upTo;
  }
}

/** Checking reads the whole file, which takes its time: in a thread of its own, so that others go on. */
async function checkFile(threads: StorageThreads): Promise<string[]> {
  const checker = await threads.another();
  if (checker === null) {
    return [
      ...(await threads.call('maintenance.check')),
      ...(await threads.call('maintenance.checkWords')),
    ];
  }
  try {
    const problems = await checker.call('maintenance.check');
    return problems.length > 0 ? problems : await checker.call('maintenance.checkWords');
  } finally {
    await checker.close();
  }
}

function writeSize(write: ResourceWrite): number {
  return (
    (write.row?.sealed.length ?? 0) +
    (write.row?.record.text.length ?? 0) +
    (write.vector?.values.byteLength ?? 0)
  );
}
