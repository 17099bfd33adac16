import { endianness } from 'node:os';
import { z } from 'zod';
import { ChatMessage } from '../chat-message.ts';
import { EstateRecord } from '../estate-record.ts';
import { JsonValue } from '../json.ts';

/** The format of exports and backups: one JSON value a line, a header first, an end last. */
export const exportFormat = 'cloudops-storage-export';
export const exportVersion = 1;

const Counts = z.object({
  messages: z.int(),
  resources: z.int(),
});

/** A change in the history of a resource, with what it says in clear. */
export const PortableHistory = z.object({
  at: z.string(),
  scan_id: z.string().nullable(),
  kind: z.enum(['changed', 'missing', 'returned']),
  fields: z.array(
    z.object({
      path: z.string(),
      before: JsonValue,
      after: JsonValue,
      is_shortened: z.boolean(),
    }),
  ),
});

/** A line of an export. */
export const ExportLine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('header'),
    format: z.literal(exportFormat),
    version: z.int(),
    created_at: z.string(),
    store_id: z.string(),
    embedding: z.object({ model: z.string().nullable(), dimensions: z.int() }).nullable(),
  }),
  z.object({ type: z.literal('message'), message: ChatMessage }),
  z.object({
    type: z.literal('resource'),
    record: EstateRecord,
    /** 32-bit floats, little endian, in base64; scaled to length 1. */
    vector: z.base64().nullable(),
    /** The oldest first. */
    history: z.array(PortableHistory),
  }),
  z.object({ type: z.literal('end'), counts: Counts }),
]);
export type ExportLine = z.infer<typeof ExportLine>;
export type ExportedResource = Extract<ExportLine, { type: 'resource' }>;

/** How far an export or import has come. */
export type PortableCounts = z.infer<typeof Counts>;

/** A vector as text. */
export function encodeVector(vector: Float32Array): string {
  return littleEndian(Buffer.from(new Float32Array(vector).buffer)).toString('base64');
}

/** A vector from its text. */
export function decodeVector(text: string): Float32Array {
  // Copied: floats must begin at a multiple of 4, and a Buffer may begin anywhere.
  const bytes = new Uint8Array(littleEndian(Buffer.from(text, 'base64')));
  return new Float32Array(bytes.buffer, 0, bytes.length >> 2);
}

/** Numbers in the order of bytes that every machine reads; on nearly all they are in it already. */
function littleEndian(bytes: Buffer): Buffer {
  return endianness() === 'BE' ? bytes.swap32() : bytes;
}
