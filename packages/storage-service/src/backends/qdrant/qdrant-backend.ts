import type {
  BackendMaintenance,
  BackendStats,
  ChatBackend,
  DocumentStore,
  EstateBackend,
  SealedStore,
  StorageBackend,
} from '../backend.ts';
import { QdrantChat } from './chat.ts';
import { chatFilter } from './chat-filter.ts';
import { EstateFilters, maxFacets } from './estate-filters.ts';
import { prepareCollections } from './collections.ts';
import type { QdrantConfig } from './config.ts';
import { QdrantConnection } from './connection.ts';
import { qdrantDocuments } from './documents.ts';
import { QdrantEstate } from './estate.ts';
import { filterToQdrant } from './filter.ts';
import { historyFrom } from './payloads.ts';
import { QdrantPoints } from './points.ts';
import { QdrantSealed } from './sealed.ts';
import { spawnQdrant, type SpawnedQdrant } from './spawn.ts';

/** A Qdrant server or cluster behind the port. */
export class QdrantBackend implements StorageBackend {
  readonly kind = 'qdrant';
  readonly documents: DocumentStore;
  readonly chat: ChatBackend;
  readonly estate: EstateBackend;
  readonly sealed: SealedStore;
  readonly maintenance: BackendMaintenance;
  readonly #connection: QdrantConnection;
  readonly #server: SpawnedQdrant | null;
  readonly #collections: readonly QdrantPoints[];

  private constructor(
    connection: QdrantConnection,
    server: SpawnedQdrant | null,
    chat: QdrantPoints,
    estate: QdrantPoints,
    hasPrefixes: boolean,
    dimensions: number,
  ) {
    this.#connection = connection;
    this.#server = server;
    this.#collections = [chat, estate];
    this.documents = qdrantDocuments(chat, estate);
    this.chat = new QdrantChat(chat);
    this.estate = new QdrantEstate(estate, new EstateFilters(estate, hasPrefixes), dimensions);
    this.sealed = new QdrantSealed(chat, estate);
    this.maintenance = {
      check: () => check([chat, estate]),
      // Qdrant's optimizer does it by itself.
      compact: async () => {},
      stats: () => stats(chat, estate),
    };
  }

  /**
   * Connects (or starts a server of its own), and makes the collections where they are not there.
   *
   * @throws StorageError `STORE_UNAVAILABLE` (no answer), `ACCESS_DENIED` (API key), `STORE_TOO_OLD`, `STORE_BUSY` (a spawned one), `EMBEDDING_MISMATCH`, `INVALID_INPUT`
   */
  static async open(config: QdrantConfig): Promise<QdrantBackend> {
    const server = 'spawn' in config ? await spawnQdrant(config.spawn) : null;
    try {
      const target = 'spawn' in config ? null : config;
      const connection = await QdrantConnection.open(
        {
          kind: 'qdrant',
          url: server?.url ?? target?.url ?? '',
          apiKey: server?.apiKey ?? target?.apiKey ?? null,
        },
        config.timeoutMs ?? 30_000,
      );
      const names = await prepareCollections(connection, config);
      return new QdrantBackend(
        connection,
        server,
        new QdrantPoints(connection, names.chat),
        new QdrantPoints(connection, names.estate),
        names.hasPrefixes,
        config.dimensions ?? 384,
      );
    } catch (error) {
      await server?.close();
      throw error;
    }
  }

  /** Removes both collections with all that is in them: for tests. */
  async dropCollections(): Promise<void> {
    for (const { name } of this.#collections) {
      await this.#connection.run((client) => client.deleteCollection(name));
    }
  }

  async close(): Promise<void> {
    this.#connection.close();
    await this.#server?.close();
  }
}

async function check(collections: readonly QdrantPoints[]): Promise<string[]> {
  const problems: string[] = [];
  for (const points of collections) {
    const status = await points.status();
    if (status === 'red') problems.push(`The collection ${points.name} is damaged (status red).`);
  }
  return problems;
}

async function stats(chat: QdrantPoints, estate: QdrantPoints): Promise<BackendStats> {
  const missing = filterToQdrant({ exists: { field: 'missing_since' } });
  let historyEntries = 0;
  for await (const page of estate.pages(undefined, ['history'])) {
    for (const point of page) historyEntries += historyFrom(point).length;
  }
  const all = await estate.count(undefined);
  const tombstones = await estate.count(missing);
  return {
    messages: await chat.count(chatFilter({})),
    conversations: (await chat.facet('conversation_id', chatFilter({}), maxFacets)).length,
    resources: all - tombstones,
    tombstones,
    vectors: await estate.count({ must: [{ has_vector: 'dense' }] }),
    history_entries: historyEntries,
    bytes: null,
    free_bytes: null,
  };
}
