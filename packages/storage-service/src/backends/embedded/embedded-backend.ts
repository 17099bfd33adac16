import type {
  ChatBackend,
  DocumentStore,
  EstateBackend,
  StorageBackend,
  StoredResource,
} from '../backend.ts';
import { WorkerClient } from './worker-client.ts';

/** How a file is opened. */
export interface EmbeddedBackendOptions {
  /** The file; made when absent (its folder is not). ':memory:' keeps everything in memory. */
  path: string;
  /** How long a write waits for other processes before it is `STORE_BUSY`; 30 s by default. */
  busyTimeoutMs?: number;
}

/** So many rows cross the thread at once: cloning thousands would hold up the caller's event loop. */
const rowsPerCall = 500;

/** One SQLite file behind the port, in a worker thread of its own. Several processes may open the same file. */
export class EmbeddedBackend implements StorageBackend {
  readonly kind = 'embedded';
  readonly documents: DocumentStore;
  readonly chat: ChatBackend;
  readonly estate: EstateBackend;
  readonly #worker: WorkerClient;

  private constructor(worker: WorkerClient) {
    this.#worker = worker;
    this.documents = {
      read: (name) => worker.call('documents.read', name),
      replace: (name, expected, text) => worker.call('documents.replace', name, expected, text),
      holdsData: () => worker.call('documents.holdsData'),
    };
    this.chat = {
      append: (messages) => worker.call('chat.append', messages),
      find: (id) => worker.call('chat.find', id),
      newest: (query) => worker.call('chat.newest', query),
    };
    this.estate = {
      digests: (keys) => inChunks(keys, (chunk) => worker.call('estate.digests', chunk)),
      write: (writes) => inChunks(writes, (chunk) => worker.call('estate.write', chunk)),
      get: (keys) => inChunks(keys, (chunk) => worker.call('estate.get', chunk)),
      list: (query) => listInPages(worker, query),
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
    const worker = await WorkerClient.start({
      path: options.path,
      busyTimeoutMs: options.busyTimeoutMs ?? 30_000,
    });
    return new EmbeddedBackend(worker);
  }

  close(): Promise<void> {
    return this.#worker.close();
  }
}

async function inChunks<T, R>(
  items: readonly T[],
  call: (chunk: T[]) => Promise<R[]>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += rowsPerCall) {
    results.push(...(await call(items.slice(start, start + rowsPerCall))));
  }
  return results;
}

async function listInPages(
  worker: WorkerClient,
  query: Parameters<EstateBackend['list']>[0],
): Promise<StoredResource[]> {
  const rows: StoredResource[] = [];
  let after = query.after;
  while (rows.length < query.limit) {
    const limit = Math.min(rowsPerCall, query.limit - rows.length);
    const page = await worker.call('estate.list', { ...query, after, limit });
    rows.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) break;
    after = { value: last.record[query.order.field], key: last.record.key };
  }
  return rows;
}
