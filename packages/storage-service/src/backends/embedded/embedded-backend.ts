import type {
  BackendMaintenance,
  ChatBackend,
  DocumentStore,
  EstateBackend,
  ResourceWrite,
  SealedStore,
  StorageBackend,
  StoredMessage,
  StoredResource,
} from '../backend.ts';
import { unpackResources } from './packed-resources.ts';
import { packWrites } from './packed-writes.ts';
import { rowsPerMessage, splitBySize } from './parts.ts';
import type { RemovedPart, WorkerSetup } from './protocol.ts';
import { unpackVectors } from './vectors.ts';
import { WorkerClient } from './worker-client.ts';

/** How a file is opened. */
export interface EmbeddedBackendOptions {
  /** The file; made when absent (its folder is not). ':memory:' keeps everything in memory. */
  path: string;
  /** How long a write waits for other processes before it is `STORE_BUSY`; 30 s by default. */
  busyTimeoutMs?: number;
}

/** One SQLite file behind the port, in a worker thread of its own. Several processes may open the same file. */
export class EmbeddedBackend implements StorageBackend {
  readonly kind = 'embedded';
  readonly documents: DocumentStore;
  readonly chat: ChatBackend;
  readonly estate: EstateBackend;
  readonly maintenance: BackendMaintenance;
  readonly sealed: SealedStore;
  readonly #worker: WorkerClient;

  private constructor(worker: WorkerClient, setup: WorkerSetup) {
    this.#worker = worker;
    this.sealed = {
      page: (query) => worker.call('sealed.page', query),
      replace: (collection, items) => worker.call('sealed.replace', collection, items),
    };
    this.maintenance = {
      check: () => checkFile(worker, setup),
      compact: async () => {
        await worker.call('maintenance.tidy');
        await worker.call('maintenance.vacuum');
      },
      stats: () => worker.call('maintenance.stats'),
    };
    this.documents = {
      read: (name) => worker.call('documents.read', name),
      replace: (name, expected, text) => worker.call('documents.replace', name, expected, text),
      holdsData: () => worker.call('documents.holdsData'),
    };
    this.chat = {
      append: (messages) => worker.call('chat.append', messages),
      find: (id) => worker.call('chat.find', id),
      newest: (query) => newestInParts(worker, query),
      list: (query) => messagesInParts(worker, query),
      conversations: (query) => worker.call('chat.conversations', query),
      removeConversation: (id) => removeInParts(worker, id),
      removeBefore: (time, limit) => worker.call('chat.removeBefore', time, limit),
    };
    this.estate = {
      digests: (keys) =>
        inChunks(
          keys,
          () => 0,
          (chunk) => worker.call('estate.digests', chunk),
        ),
      write: (writes) =>
        inChunks(writes, writeSize, (chunk) => worker.call('estate.write', packWrites(chunk))),
      get: (keys) => getInParts(worker, keys),
      remove: async (keys) => {
        const removed = await inChunks(
          keys,
          () => 0,
          async (chunk) => [await worker.call('estate.remove', chunk)],
        );
        return removed.reduce((sum, count) => sum + count, 0);
      },
      vectors: (keys) =>
        inChunks(
          keys,
          () => 0,
          async (chunk) => unpackVectors(await worker.call('estate.vectors', chunk)),
        ),
      history: (key, limit) => worker.call('estate.history', key, limit),
      named: async (names) => present(worker, await worker.call('estate.named', names)),
      referringTo: async (names) => present(worker, await worker.call('estate.referringTo', names)),
      list: (query) => listInParts(worker, query),
      count: (filter) => worker.call('estate.count', filter),
      facets: (query) => worker.call('estate.facets', query),
      nearest: (query) => worker.call('estate.nearest', query),
      keywords: (query) => worker.call('estate.keywords', query),
    };
  }

  /**
   * Opens the file.
   *
   * @throws StorageError `STORE_UNAVAILABLE`, `STORE_TOO_NEW`, `STORE_CORRUPT`, `STORE_BUSY`
   */
  static async open(options: EmbeddedBackendOptions): Promise<EmbeddedBackend> {
    const setup = { path: options.path, busyTimeoutMs: options.busyTimeoutMs ?? 30_000 };
    return new EmbeddedBackend(await WorkerClient.start(setup), setup);
  }

  close(): Promise<void> {
    return this.#worker.close();
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
  worker: WorkerClient,
  keys: readonly string[],
): Promise<(StoredResource | null)[]> {
  const rows: (StoredResource | null)[] = [];
  while (rows.length < keys.length) {
    const part = await worker.call(
      'estate.get',
      keys.slice(rows.length, rows.length + rowsPerMessage),
    );
    rows.push(...unpackResources(part));
  }
  return rows;
}

/** The resources of keys, without those that were removed meanwhile. */
async function present(worker: WorkerClient, keys: readonly string[]): Promise<StoredResource[]> {
  return (await getInParts(worker, keys)).filter((resource) => resource !== null);
}

async function listInParts(
  worker: WorkerClient,
  query: Parameters<EstateBackend['list']>[0],
): Promise<StoredResource[]> {
  const rows: StoredResource[] = [];
  let { after } = query;
  while (rows.length < query.limit) {
    const part = await worker.call('estate.list', {
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
  worker: WorkerClient,
  query: Parameters<ChatBackend['newest']>[0],
): Promise<StoredMessage[]> {
  const rows: StoredMessage[] = [];
  let { beforeSeq } = query;
  while (rows.length < query.limit) {
    const limit = query.limit - rows.length;
    const part = await worker.call('chat.newest', { ...query, beforeSeq, limit });
    rows.push(...part.rows);
    if (part.isLast) break;
    beforeSeq = part.rows.at(-1)?.seq ?? null;
  }
  return rows;
}

async function messagesInParts(
  worker: WorkerClient,
  query: Parameters<ChatBackend['list']>[0],
): Promise<StoredMessage[]> {
  const rows: StoredMessage[] = [];
  let { afterSeq } = query;
  while (rows.length < query.limit) {
    const limit = query.limit - rows.length;
    const part = await worker.call('chat.list', { ...query, afterSeq, limit });
    rows.push(...part.rows);
    if (part.isLast) break;
    afterSeq = part.rows.at(-1)?.seq ?? afterSeq;
  }
  return rows;
}

async function removeInParts(worker: WorkerClient, conversationId: string): Promise<number> {
  let removed = 0;
  let upTo: number | null = null;
  for (;;) {
    const part: RemovedPart = await worker.call('chat.removeConversation', conversationId, upTo);
    removed += part.removed;
    if (part.isLast) return removed;
    upTo = part.upTo;
  }
}

/** Checking reads the whole file, which takes its time: in a thread of its own, so that others go on. */
async function checkFile(worker: WorkerClient, setup: WorkerSetup): Promise<string[]> {
  if (setup.path === ':memory:') {
    return [
      ...(await worker.call('maintenance.check')),
      ...(await worker.call('maintenance.checkWords')),
    ];
  }
  const checker = await WorkerClient.start(setup);
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
