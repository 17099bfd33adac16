import type { ZodType } from 'zod';
import { ChatMessage, ChatMessageInput } from './chat-message.ts';
import { EstateRecord, EstateRecordInput } from './estate-record.ts';
import { ExportLine } from './portable/lines.ts';
import { Filter } from './filter/filter.ts';

/** The schemas whose JSON Schema is published, by file name. */
export const publishedSchemas: Record<string, ZodType> = {
  'chat-message': ChatMessage,
  'chat-message-input': ChatMessageInput,
  'estate-record': EstateRecord,
  'estate-record-input': EstateRecordInput,
  'estate-filter': Filter,
  'export-line': ExportLine,
};
