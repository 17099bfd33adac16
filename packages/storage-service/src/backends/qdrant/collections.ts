import type { Schemas } from '@qdrant/js-client-rest';
import { StorageError } from '../../errors.ts';
import { keywordFields, timeFields } from '../../filter/fields.ts';
import { maxTextLength } from '../../keyword-query.ts';
import { maxFacets } from './estate-filters.ts';
import type { QdrantCommonConfig } from './config.ts';
import type { QdrantConnection } from './connection.ts';

/** The name of the vector of a resource. */
export const vectorName = 'dense';

/** The two collections. */
export interface PreparedCollections {
  chat: string;
  estate: string;
  /** Whether prefix conditions can be asked for. */
  hasPrefixes: boolean;
}

/** The first version that knows prefix conditions (`prefix` of a keyword index, `match.prefix`). */
const prefixVersion = [1, 19] as const;

type IndexSchema = Schemas['PayloadFieldSchema'];
const keyword: IndexSchema = { type: 'keyword' };
const tenant: IndexSchema = { type: 'keyword', is_tenant: true };
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
  ...Object.fromEntries(keywordFields.map((field) => [field, keyword])),
  account_id: tenant,
  ...Object.fromEntries(timeFields.map((field) => [field, datetime])),
  tags_kv: keyword,
  tag_keys: keyword,
  allowed_actions: keyword,
  digest: keyword,
  aliases: keyword,
  targets: keyword,
  grams: keyword,
  words: {
    type: 'text',
    tokenizer: 'word',
    lowercase: true,
    min_token_len: 1,
    // No word of an indexed text is longer.
    max_token_len: maxTextLength,
  },
};

/** The same indexes where the server knows prefixes. */
const prefixIndexes: Readonly<Record<string, IndexSchema>> = Object.fromEntries(
  [...keywordFields, 'tags_kv', 'allowed_actions'].map((field) => [
    field,
    { type: 'keyword', prefix: true, ...(field === 'account_id' ? { is_tenant: true } : {}) },
  ]),
);

/**
 * Makes the collections and their indexes where they are not there yet; indexes before data, so that the graph knows them.
 *
 * @throws StorageError `EMBEDDING_MISMATCH` when the collection has vectors of another size
 */
export async function prepareCollections(
  connection: QdrantConnection,
  config: QdrantCommonConfig,
): Promise<PreparedCollections> {
  const prefix = config.collectionPrefix ?? 'cloudops';
  const names = { chat: `${prefix}_chat`, estate: `${prefix}_estate` };
  const size = config.dimensions ?? 384;
  const hasPrefixes = connection.isAtLeast(prefixVersion);
  await prepare(connection, names.chat, {}, chatIndexes, config);
  await prepare(
    connection,
    names.estate,
    { [vectorName]: { size, distance: 'Cosine' } },
    hasPrefixes ? { ...estateIndexes, ...prefixIndexes } : estateIndexes,
    config,
  );
  await checkSize(connection, names.estate, size);
  return { ...names, hasPrefixes };
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
    const existing = Object.hasOwn(info.payload_schema, field) ? info.payload_schema[field] : null;
    if (existing != null && !lacksPrefix(existing, schema)) continue;
    await connection.write((client) =>
      client.createPayloadIndex(name, { field_name: field, field_schema: schema, wait: true }),
    );
  }
}

/** An index that a server of before 1.19 made is made anew once. */
function lacksPrefix(existing: Schemas['PayloadIndexInfo'], schema: IndexSchema): boolean {
  const isPrefixed = (value: unknown) => Reflect.get(Object(value), 'prefix') === true;
  return isPrefixed(schema) && !isPrefixed(existing.params);
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
          max_query_limit: maxFacets,
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
