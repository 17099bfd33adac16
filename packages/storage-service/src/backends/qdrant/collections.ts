import type { Schemas } from '@qdrant/js-client-rest';
import { StorageError } from '../../errors.ts';
import { keywordFields, timeFields } from '../../filter/fields.ts';
import type { QdrantCommonConfig } from './config.ts';
import type { QdrantConnection } from './connection.ts';

/** The name of the vector of a resource. */
export const vectorName = 'dense';

/** The names of the two collections. */
export interface CollectionNames {
  chat: string;
  estate: string;
}

type IndexSchema = Schemas['PayloadFieldSchema'];
const keyword: IndexSchema = { type: 'keyword' };
const prefixed: IndexSchema = { type: 'keyword', prefix: true };
const tenant: IndexSchema = { type: 'keyword', is_tenant: true, prefix: true };
const datetime: IndexSchema = { type: 'datetime' };

const chatIndexes: Readonly<Record<string, IndexSchema>> = {
  conversation_id: { type: 'keyword', is_tenant: true },
  role: keyword,
  created_at: datetime,
  seq: { type: 'integer', lookup: true, range: true },
  // Of the small documents that are kept beside the messages.
  revision: keyword,
};

const estateIndexes: Readonly<Record<string, IndexSchema>> = {
  ...Object.fromEntries(keywordFields.map((field) => [field, prefixed])),
  account_id: tenant,
  ...Object.fromEntries(timeFields.map((field) => [field, datetime])),
  tags_kv: prefixed,
  tag_keys: keyword,
  allowed_actions: prefixed,
  digest: keyword,
  aliases: keyword,
  targets: keyword,
  grams: keyword,
  words: {
    type: 'text',
    tokenizer: 'word',
    lowercase: true,
    min_token_len: 1,
    max_token_len: 1000,
  },
};

/**
 * Makes the collections and their indexes where they are not there yet; indexes before data, so that the graph knows them.
 *
 * @throws StorageError `EMBEDDING_MISMATCH` when the collection has vectors of another size
 */
export async function prepareCollections(
  connection: QdrantConnection,
  config: QdrantCommonConfig,
): Promise<CollectionNames> {
  const prefix = config.collectionPrefix ?? 'cloudops';
  const names = { chat: `${prefix}_chat`, estate: `${prefix}_estate` };
  const size = config.dimensions ?? 384;
  await prepare(connection, names.chat, {}, chatIndexes, config);
  await prepare(
    connection,
    names.estate,
    { [vectorName]: { size, distance: 'Cosine' } },
    estateIndexes,
    config,
  );
  await checkSize(connection, names.estate, size);
  return names;
}

async function prepare(
  connection: QdrantConnection,
  name: string,
  vectors: Schemas['VectorsConfig'],
  indexes: Readonly<Record<string, IndexSchema>>,
  config: QdrantCommonConfig,
): Promise<void> {
  const { exists } = await connection.run((client) => client.collectionExists(name));
  if (!exists) await create(connection, name, vectors, config);
  const info = await connection.run((client) => client.getCollection(name));
  for (const [field, schema] of Object.entries(indexes)) {
    if (Object.hasOwn(info.payload_schema, field)) continue;
    await connection.write((client) =>
      client.createPayloadIndex(name, { field_name: field, field_schema: schema, wait: true }),
    );
  }
}

async function create(
  connection: QdrantConnection,
  name: string,
  vectors: Schemas['VectorsConfig'],
  config: QdrantCommonConfig,
): Promise<void> {
  try {
    await connection.run((client) =>
      client.createCollection(name, {
        vectors,
        ...(config.shardNumber === undefined ? {} : { shard_number: config.shardNumber }),
        replication_factor: config.replicationFactor ?? 1,
        write_consistency_factor: config.writeConsistencyFactor ?? 1,
        // An unindexed condition is an error, as on Qdrant Cloud, instead of a slow answer.
        strict_mode_config: {
          enabled: true,
          unindexed_filtering_retrieve: false,
          unindexed_filtering_update: false,
        },
      }),
    );
  } catch (error) {
    // Another process was quicker.
    const { exists } = await connection.run((client) => client.collectionExists(name));
    if (!exists) throw error;
  }
}

async function checkSize(connection: QdrantConnection, name: string, size: number): Promise<void> {
  const info = await connection.run((client) => client.getCollection(name));
  const { vectors } = info.config.params;
  const dense = vectors !== undefined && vectorName in vectors ? vectors[vectorName] : undefined;
  const found = typeof dense === 'object' && 'size' in dense ? dense.size : undefined;
  if (found === size) return;
  throw new StorageError(
    'EMBEDDING_MISMATCH',
    `The collection ${name} has vectors of ${String(found)} dimensions, not ${size}: set backend.dimensions, or use another prefix.`,
    { details: { stored: found, given: size } },
  );
}
