import { createHash } from 'node:crypto';
import type { Schemas } from '@qdrant/js-client-rest';
import { z } from 'zod';
import { ChatRole } from '../../chat-message.ts';
import { StorageError } from '../../errors.ts';
import { EstateEmbedding, EstateRecord } from '../../estate-record.ts';
import { gramsOf, indexedIdentifiers, indexedWords } from '../../keyword-query.ts';
import { historyLength } from '../backend.ts';
import type {
  ClearRecord,
  NewMessage,
  ResourceDigest,
  ResourceWrite,
  StoredHistory,
  StoredMessage,
  StoredResource,
} from '../backend.ts';
import { tagEntry } from './filter.ts';

const toText = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const toBytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

const MessagePayload = z.object({
  conversation_id: z.string(),
  role: ChatRole,
  created_at: z.string(),
  seq: z.int(),
  sealed: z.string(),
});

/** The payload of a message. */
export function messagePayload(message: NewMessage, seq: number): z.infer<typeof MessagePayload> {
  const { conversation_id, role, created_at, sealed } = message;
  return { conversation_id, role, created_at, seq, sealed: toText(sealed) };
}

/** A message from its point. */
export function messageFrom(point: { id: string | number; payload?: unknown }): StoredMessage {
  const { sealed, ...clear } = parsed(MessagePayload, point);
  return { id: String(point.id), ...clear, sealed: toBytes(sealed) };
}

const HistoryPayload = z.array(
  z.object({ at: z.string(), scan_id: z.string().nullable(), sealed: z.string() }),
);
type HistoryPayload = z.infer<typeof HistoryPayload>;

const ResourcePayload = z.object({
  record: EstateRecord.omit({ attributes: true }).extend({
    // Setting a field of a payload to null removes it.
    embedding: EstateEmbedding.nullable().default(null),
  }),
  sealed: z.string(),
  last_seen: z.string(),
  scan_id: z.string().nullable().default(null),
  evaluated_at: z.string().nullable().default(null),
});

const DigestPayload = z.object({
  // Whether null comes back where only some fields were asked for is not documented.
  record: z.object({
    content_hash: z.string(),
    embedding: EstateEmbedding.nullable().default(null),
    first_seen: z.string(),
    missing_since: z.string().nullable().default(null),
  }),
  permissions_hash: z.string(),
});

/** The payload fields that `resourceFrom` and `digestFrom` read. */
export const resourceFields = ['record', 'sealed', 'last_seen', 'scan_id', 'evaluated_at'];
export const digestFields = [
  'record.content_hash',
  'record.embedding',
  'record.first_seen',
  'record.missing_since',
  'permissions_hash',
];

/** The payload of a resource: the record, what filters and searches need of it, and what is sealed. */
export function resourcePayload(
  row: NonNullable<ResourceWrite['row']>,
  sighting: ResourceWrite['sighting'],
  history: HistoryPayload,
  writes: readonly string[],
): Record<string, unknown> {
  const { record } = row;
  const tags = Object.entries(record.tags ?? {});
  return {
    record,
    key: record.key,
    account_id: record.account_id,
    region: record.region,
    service: record.service,
    resource_type: record.resource_type,
    resource_id: record.resource_id,
    arn: record.arn,
    name: record.name,
    state: record.state,
    first_seen: record.first_seen,
    missing_since: record.missing_since,
    tags_kv: tags.map(([name, value]) => tagEntry(name, value)),
    tag_keys: tags.map(([name]) => name),
    allowed_actions: record.permissions?.allowed ?? [],
    aliases: aliasesOf(record),
    targets: record.relations.map((relation) => relation.target),
    words: indexedWords(record),
    grams: gramsOf(indexedIdentifiers(record)),
    permissions_hash: row.permissions_hash,
    digest: digestText(digestOf(record, row.permissions_hash)),
    sealed: toText(row.sealed),
    history,
    writes,
    ...sighting,
  };
}

/** A resource from its point. */
export function resourceFrom(point: { id: string | number; payload?: unknown }): StoredResource {
  const { record, sealed, last_seen, scan_id, evaluated_at } = parsed(ResourcePayload, point);
  const permissions =
    record.permissions !== null && evaluated_at !== null
      ? { ...record.permissions, evaluated_at }
      : record.permissions;
  return { record: { ...record, permissions, last_seen, scan_id }, sealed: toBytes(sealed) };
}

export function digestFrom(point: { id: string | number; payload?: unknown }): ResourceDigest {
  const { record, permissions_hash } = parsed(DigestPayload, point);
  return { ...record, permissions_hash };
}

export function digestOf(record: ClearRecord, permissionsHash: string): ResourceDigest {
  return {
    content_hash: record.content_hash,
    permissions_hash: permissionsHash,
    embedding: record.embedding,
    first_seen: record.first_seen,
    missing_since: record.missing_since,
  };
}

/** A digest as one keyword, on which a conditional update rests. */
export function digestText(digest: ResourceDigest): string {
  const { content_hash, permissions_hash, embedding, missing_since } = digest;
  const parts = [
    content_hash,
    permissions_hash,
    embedding?.model,
    embedding?.text_hash,
    missing_since,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** The point while it still has a digest. */
export function digestFilter(id: string, digest: string): Schemas['Filter'] {
  return { must: [{ has_id: [id] }, { key: 'digest', match: { value: digest } }] };
}

/** So many writes of a point are remembered; that many may follow one before its writer looks. */
const rememberedWrites = 32;

/** The marks of the writes that made a point what it is, with another one. */
export function writesWith(point: { payload?: unknown } | undefined, mark: string): string[] {
  return [...writesFrom(point), mark].slice(-rememberedWrites);
}

/** The marks of the latest writes of a point. */
export function writesFrom(point: { payload?: unknown } | undefined): readonly string[] {
  const parsedPayload = z.object({ writes: z.array(z.string()) }).safeParse(point?.payload);
  return parsedPayload.success ? parsedPayload.data.writes : [];
}

/** The history in a point, the oldest first. */
export function historyFrom(point: { id: string | number; payload?: unknown }): StoredHistory[] {
  return parsed(z.object({ history: HistoryPayload.default([]) }), point).history.map((entry) => ({
    at: entry.at,
    scan_id: entry.scan_id,
    sealed: toBytes(entry.sealed),
  }));
}

export function historyPayload(history: readonly StoredHistory[]): HistoryPayload {
  return history.map(({ at, scan_id, sealed }) => ({ at, scan_id, sealed: toText(sealed) }));
}

/** The history of a point lies in it, and the point has to fit into a request beside a record of 16 MiB. */
const maxHistoryBytes = 6 * 1024 * 1024;

/** The latest entries that a point has room for: at most `historyLength`, and the last one always. */
export function latestHistory(history: readonly StoredHistory[]): StoredHistory[] {
  const latest: StoredHistory[] = [];
  let bytes = 0;
  for (const entry of history.slice(-historyLength).toReversed()) {
    bytes += entry.sealed.length;
    if (bytes > maxHistoryBytes && latest.length > 0) break;
    latest.unshift(entry);
  }
  return latest;
}

function aliasesOf(record: ClearRecord): string[] {
  const bareId = record.resource_id.slice(record.resource_id.indexOf('/') + 1);
  const aliases = [record.key, record.resource_id, bareId, record.arn ?? record.key];
  return [...new Set(aliases)];
}

function parsed<T>(schema: z.ZodType<T>, point: { id: string | number; payload?: unknown }): T {
  const result = schema.safeParse(point.payload);
  if (result.success) return result.data;
  throw new StorageError('STORE_CORRUPT', `The point ${point.id} has another shape.`, {
    details: { id: point.id },
    cause: result.error,
  });
}
